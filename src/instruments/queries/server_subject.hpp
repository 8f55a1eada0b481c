// A server as the subject of evidence.
#pragma once

#include <string>

#include "core/evidence/statement.hpp"

namespace signalbox::queries {

// A server is a subject by the SHA-256 of its system identifier; one that does not tell it is none.
void add_server(evidence::Statement& statement, const std::string& name,
                const std::string& system_identifier);

}  // namespace signalbox::queries
