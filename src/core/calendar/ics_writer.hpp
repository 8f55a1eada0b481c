// Writes iCalendar files, RFC 5545, that any calendar program can subscribe to.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/calendar/zone.hpp"

namespace signalbox::calendar {

// From the first day on, no longer on the last.
struct DaySpan {
  Day first, end;
};
// By the wall clocks of a zone. `end` may be `start`: a moment.
struct TimeSpan {
  Instant start, end;
  Zone zone = Zone::utc();
};

// A VEVENT. Moved, it keeps its uid and raises its sequence; called off, it stays and is cancelled.
struct IcsEntry {
  std::string uid;  // "2026-12-release@example.org"
  std::string summary, description, url;
  std::vector<std::string> categories;
  std::variant<DaySpan, TimeSpan> when;
  Instant stamp;  // when it became what it says now
  int sequence = 0;
  enum class Status { confirmed, tentative, cancelled } status = Status::confirmed;
  std::string rrule;  // empty: once
};

struct IcsCalendar {
  std::string name, description;
  std::vector<IcsEntry> entries;
};

// CRLF, folded at 75 octets, with a VTIMEZONE for each zone that is used. The same calendar gives the same
// octets.
std::string write_ics(const IcsCalendar& calendar);

}  // namespace signalbox::calendar
