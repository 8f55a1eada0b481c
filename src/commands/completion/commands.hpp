// `signalbox completion SHELL` and `signalbox man [NAME]`: both walk the command trees of the programs behind
// the front door.
#pragma once

#include "core/cli/command.hpp"

namespace signalbox::completion {

cli::Command completion_command();
cli::Command man_command();

}  // namespace signalbox::completion
