// Dates, times and durations as RFC 5545 writes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/calendar/zone.hpp"

namespace signalbox::calendar {

// A DATE or DATE-TIME value.
struct Moment {
  enum class Form { date, wall, utc } form = Form::date;
  Wall wall;  // of a date: its midnight; of utc: what a clock of UTC shows
};
std::optional<Moment> parse_moment(std::string_view text);  // "20260303", "20260303T100000", "…Z"

// A DURATION value: days by the calendar, the rest by the clock.
struct Period {
  std::chrono::days days{0};
  std::chrono::seconds time{0};
};
std::optional<Period> parse_period(std::string_view text);  // "P1W", "P1DT12H", "-PT15M"

// What people write in a configuration.
std::optional<Wall> parse_iso_wall(std::string_view text);  // "2026-03-03", "2026-03-03T10:00", with :SS
std::optional<Period> parse_short_period(
    std::string_view text);  // "2d", "1w2d", "36h", "1d12h30m": not negative

// After as many days on the calendar and then as much time.
Instant after(Wall start, const Period& period, const Zone& zone);

std::string date_text(Wall wall);                      // "20260303"
std::string wall_text(Wall wall);                      // "20260303T100000"
std::string utc_text(Instant instant);                 // "20260303T090000Z"
void append_wall(std::string& out, Wall wall);         // the same as wall_text, without an allocation
std::string offset_text(std::chrono::seconds offset);  // "+0100", "-033045"

}  // namespace signalbox::calendar
