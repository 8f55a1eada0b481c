// The commands of `signalbox train` by which people decide.
#pragma once

#include <vector>

#include "core/cli/command.hpp"

namespace signalbox::train {

cli::Command approve_command();
cli::Command veto_command();
cli::Command go_command();
cli::Command no_go_command();
cli::Command score_command();
cli::Command meeting_command();
cli::Command exception_command();  // request, approve, list, audit

std::vector<cli::Command> gating_commands();  // all of them

}  // namespace signalbox::train
