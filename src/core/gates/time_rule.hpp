// When a train may leave: not before, not after, and in which hours of the week.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/calendar/zone.hpp"
#include "core/config/config.hpp"

namespace signalbox::gates {

inline constexpr std::size_t kMaxWindows = 50;

// Hours of some days of the week, by the wall clocks of a zone. From `from` on, no longer at `until`.
struct Window {
  std::array<bool, 7> days{};  // Monday first
  std::chrono::minutes from{0};
  std::chrono::minutes until{24 * 60};  // after `from`
  calendar::Zone zone = calendar::Zone::utc();
};

struct TimeRule {
  std::optional<Time> not_before, not_after;
  std::vector<Window> windows;  // empty: any hour
};

// Members: not_before, not_after, window (one, or a list, of days, from, until, zone).
Result<TimeRule> parse_time_rule(const config::Node& node);

std::string text_of(const Window& window);  // "mon tue 09:00–16:00 UTC"

struct TimeAnswer {
  bool may_leave = false;
  std::string text;
  std::optional<Time> next;  // from when on it may, where it may not now; absent: never again
};
TimeAnswer judge_time(const TimeRule& rule, Time now);

}  // namespace signalbox::gates
