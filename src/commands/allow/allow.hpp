// `signalbox allow`: lets the commands of exactly this configuration run on this machine.
#pragma once

#include "core/cli/command.hpp"

namespace signalbox::allow {

cli::Command command();

}  // namespace signalbox::allow
