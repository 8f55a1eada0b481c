// Values of a profile as people read them.
#pragma once

#include <string>
#include <string_view>

#include "core/stats/intervals.hpp"

namespace signalbox::profile {

// "1.24 s", "350 ms", "2.0 MiB", "1,204": three digits of what has a unit, all of a whole count.
std::string value_text(double value, std::string_view unit);
std::string signed_value_text(double value, std::string_view unit);  // "+350 ms"

std::string percent_text(double part);            // 0.1234 → "12.3 %", with two digits below 1 %
std::string signed_percent_text(double part);     // "+12.3 %"
std::string interval_text(stats::Interval part);  // "11.9–12.8 %"

}  // namespace signalbox::profile
