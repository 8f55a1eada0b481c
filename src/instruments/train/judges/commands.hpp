// The commands of this room.
#pragma once

#include "core/cli/command.hpp"

namespace signalbox::train::judges {

cli::Command canary_command();  // signalbox train canary judge

}  // namespace signalbox::train::judges
