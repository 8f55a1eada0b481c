// The commands of the time after a departure, below `signalbox train`.
#pragma once

#include <vector>

#include "core/cli/command.hpp"

namespace signalbox::train::after {

cli::Command review_command();  // new, publish, show, list
cli::Command action_command();  // add, change, done, list
cli::Command announce_command();
cli::Command incident_command();  // open, restored, list
cli::Command dora_command();
cli::Command runbook_command();
cli::Command tick_command();
cli::Command health_command();
cli::Command audit_command();

std::vector<cli::Command> after_commands();  // all of them

}  // namespace signalbox::train::after
