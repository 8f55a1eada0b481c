// Evidence of what a command found, in the log that --store names.
#pragma once

#include "core/cli/command.hpp"
#include "core/evidence/recorder.hpp"
#include "core/report/report.hpp"

namespace signalbox::recording {

// Where the machine's key was made for this book, the command says so on standard error.
void tell_of_new_key(const evidence::EvidenceBook& book, const cli::Context& context);

// Signs and logs the statement; the report says where it is.
Status record_statement(evidence::Statement statement, const cli::Context& context, Report& report);

}  // namespace signalbox::recording
