// The commands of `signalbox train` about time: freezes, the calendar, cadences, and the first
// section of a configuration.
#pragma once

#include <vector>

#include "core/cli/command.hpp"

namespace signalbox::train::schedule {

cli::Command freeze_command();  // list, add, test
cli::Command calendar_command();
cli::Command init_command();
cli::Command advise_command();

std::vector<cli::Command> schedule_commands();  // all of them

}  // namespace signalbox::train::schedule
