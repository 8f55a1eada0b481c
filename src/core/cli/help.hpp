// Help text of a command, and the command tree as JSON.
#pragma once

#include <string>
#include <vector>

#include "core/cli/command.hpp"

namespace signalbox::cli {

// "signalbox train plan [OPTION...] [RANGE]"
std::string synopsis(const Command& command, const std::vector<std::string>& path);
std::string help_text(const Command& command, const std::vector<std::string>& path);

}  // namespace signalbox::cli
