// Words of the profiler in a stack that analyses go by.
#pragma once

#include <string_view>

namespace signalbox::profile {

// Above it stands who ended the wait below it: a thread, and its stack, leaf first.
inline constexpr std::string_view kWokenBy = "[woken by]";

}  // namespace signalbox::profile
