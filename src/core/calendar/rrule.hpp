// RFC 5545 recurrence rules: `FREQ=MONTHLY;BYDAY=1TU` and what follows from it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/calendar/zone.hpp"

namespace signalbox::calendar {

enum class Frequency { secondly, minutely, hourly, daily, weekly, monthly, yearly };

// `1TU`, `-1FR`, `MO`.
struct DayOfWeek {
  int nth = 0;  // of the month or year; negative from its end; 0: each
  std::chrono::weekday day;
};

// Lists are sorted and hold nothing twice.
struct Rrule {
  std::string text;  // as it was written
  Frequency frequency = Frequency::daily;
  int interval = 1;
  std::optional<int> count;
  // The last moment that may still count: UTC, or a wall time in the zone of the start.
  std::variant<std::monostate, Instant, Wall> until;
  std::vector<int> seconds, minutes, hours;
  std::vector<DayOfWeek> days;
  std::vector<int> month_days, year_days, weeks, months;  // negative ones count from the end
  std::vector<int> positions;                             // BYSETPOS
  std::chrono::weekday week_start = std::chrono::Monday;
};

// The value of an RRULE property. The message of an error starts with the column, from 1: "column 6: …". What
// the RFC forbids (BYWEEKNO outside of YEARLY, COUNT beside UNTIL …) is bad_input, as are RSCALE and SKIP.
Result<Rrule> parse_rrule(std::string_view text);

// What expansions may cost, all that are given it together; it is used up.
struct ExpansionBudget {
  std::size_t occurrences = 200'000;
  std::size_t steps = 20'000'000;  // days and times of day that are looked at
};

// Wall times of the rule from `start` on, ascending, none after `until`. `start` itself is among them only
// where it fits the rule; what the rule leaves open (time of day, day of the month or week) is the start's.
// UNTIL in UTC is by `zone`. bad_input where the budget does not suffice.
Result<std::vector<Wall>> expand(const Rrule& rule, Wall start, const Zone& zone, Wall until,
                                 ExpansionBudget& budget);
Result<std::vector<Wall>> expand(const Rrule& rule, Wall start, const Zone& zone, Wall until);

}  // namespace signalbox::calendar
