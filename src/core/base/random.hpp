#pragma once

#include <cstddef>
#include <string>

namespace signalbox {

// `count` octets from the kernel's generator (getrandom), fit for keys.
std::string random_octets(std::size_t count);

}  // namespace signalbox
