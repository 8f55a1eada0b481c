// `signalbox serve`: the API, the console and its tokens, over every linked instrument.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/cli/command.hpp"
#include "core/console/instrument.hpp"

namespace signalbox::serve {

cli::Command command();

// `signalbox serve token`
cli::Command token_command();

// Every instrument that this build has (generated from the list in src/CMakeLists.txt), evidence first.
std::vector<Instrument> linked_instruments();

// The tables of the server itself: tokens, audit trail.
std::vector<store::Migration> migrations();

// --store and the workspace as one URL for store::open_database. A server's address is refused (bad_input).
Result<std::string> store_url(const Workspace& workspace, const std::string& store);

}  // namespace signalbox::serve
