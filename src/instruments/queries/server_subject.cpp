#include "instruments/queries/server_subject.hpp"

#include "core/base/digest.hpp"

namespace signalbox::queries {

void add_server(evidence::Statement& statement, const std::string& name,
                const std::string& system_identifier) {
  if (!system_identifier.empty())
    statement.subjects.push_back({name, {{"sha256", to_hex(sha256(system_identifier))}}});
}

}  // namespace signalbox::queries
