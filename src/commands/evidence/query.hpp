// `evidence query`: what is asked, and how it is told, wherever the log is.
#pragma once

#include <vector>

#include "commands/evidence/entry_filter.hpp"
#include "core/cli/command.hpp"
#include "core/evidence/ledger.hpp"

namespace signalbox::evidence_command {

// Of --subject, --type, --since, --until and --limit.
Result<evidence::Query> query_from(const cli::Arguments& arguments, const cli::Context& context);
Report listing(const std::vector<evidence::Entry>& entries, const EntryFilter::Unknown& unknown);

// The same of the log of a server, --store, which is not believed.
Result<cli::Outcome> query_server(const cli::Arguments& arguments, cli::Context& context);

}  // namespace signalbox::evidence_command
