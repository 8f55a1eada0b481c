// The commands of boarding, below `signalbox train`.
#pragma once

#include <vector>

#include "core/cli/command.hpp"

namespace signalbox::train {

cli::Command new_command();
cli::Command list_command();
cli::Command show_command();
cli::Command move_command();
cli::Command cancel_command();
cli::Command board_command();
cli::Command approve_passenger_command();
cli::Command dry_run_command();
cli::Command bump_command();
cli::Command lock_command();
cli::Command manifest_command();
cli::Command triage_command();
cli::Command hotfix_command();
cli::Command flags_command();
cli::Command simulate_command();

std::vector<cli::Command> boarding_commands();

}  // namespace signalbox::train
