// Amounts and shares as a person reads them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "instruments/profile/draw/flame_tree.hpp"

namespace signalbox::profile {

// "1.25 s", "310 ms", "12,345", "4.2 MiB"; another unit follows its number.
std::string amount_text(std::int64_t amount, std::string_view unit);
// "12.3 %", more digits where there would be none: "0.031 %".
std::string share_text(double share);
// "12.3 % (11.6–13.0 %)"; the interval where there is one.
std::string share_text(const FlameShare& share);

}  // namespace signalbox::profile
