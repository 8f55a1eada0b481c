// Evidence about a server and what was released on it, in the log.
#pragma once

#include <string>

#include "core/cli/command.hpp"
#include "core/evidence/statement.hpp"

namespace signalbox::queries {

// A server is a subject by the SHA-256 of its system identifier; one that does not tell it is none.
void add_server(evidence::Statement& statement, const std::string& name,
                const std::string& system_identifier);
// Signs and logs the statement; the report says where it is.
Status record_statement(evidence::Statement statement, cli::Context& context, Report& report);

}  // namespace signalbox::queries
