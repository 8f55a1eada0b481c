// The commands that carry a train out and take it back, all under `signalbox train`.
#pragma once

#include <vector>

#include "core/cli/command.hpp"

namespace signalbox::train::ramp {

cli::Command depart_command();
cli::Command status_command();
cli::Command pause_command();
cli::Command resume_command();
cli::Command abort_command();
cli::Command rollback_command();
cli::Command rehearse_command();
cli::Command traffic_command();
std::vector<cli::Command> ramp_commands();  // all of these

}  // namespace signalbox::train::ramp
