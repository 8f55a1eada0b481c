// A time in which nothing departs. Fixed start and end here; recurrence comes with the calendar.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/clock.hpp"
#include "core/config/config.hpp"

namespace signalbox::gates {

struct Freeze {
  std::string name, reason;
  Time start, end;                        // from start on, no longer at end
  std::vector<std::string> environments;  // empty: all
};

// Members: name reason start end environments. The end is after the start.
Result<Freeze> parse_freeze(const config::Node& node);

// Those in force, latest end first. Without an environment every freeze counts, whatever it is for.
std::vector<Freeze> freezes_at(const std::vector<Freeze>& freezes, Time at, std::string_view environment);

}  // namespace signalbox::gates
