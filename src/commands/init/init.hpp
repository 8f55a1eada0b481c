// `signalbox init`: writes a commented signalbox.yaml at the top of the repository.
#pragma once

#include <string>
#include <string_view>

#include "core/cli/command.hpp"

namespace signalbox::init {

cli::Command command();

// The file for a workspace of that name. Our own reader accepts it, and it changes nothing: every value in it
// is the default.
std::string configuration(std::string_view name);

}  // namespace signalbox::init
