#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/config/workspace.hpp"
#include "core/store/database.hpp"

namespace signalbox::queries {

std::vector<store::Migration> kept_migrations();

// The store as --store gives it (empty: the workspace's own), its tables made; bad_input for a server's.
Result<std::unique_ptr<store::Database>> open_kept_store(const Workspace& workspace,
                                                         const std::string& store);

// The counters of a row as our tables have them: names with commas between, and each summed.
std::string counter_columns();
std::string summed_counters(std::string_view table);  // with its name before each

}  // namespace signalbox::queries
