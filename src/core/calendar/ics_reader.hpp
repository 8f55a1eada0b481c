// Reads iCalendar files: events with their recurrences, all-day or timed, in any zone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/calendar/date_text.hpp"
#include "core/calendar/rrule.hpp"
#include "core/calendar/zone.hpp"

namespace signalbox::calendar {

// A VEVENT. Of a changed instance of a recurring one: `replaces`.
struct IcsEvent {
  std::string uid, summary, description;
  std::string where;        // "holidays.ics:12:1"
  Wall start;               // of an all-day event: its midnight
  Zone zone = Zone::utc();  // in which wall times of this event are read
  bool all_day = false;
  Period length;  // of each instance
  std::vector<Rrule> rules;
  std::vector<Instant> extra;  // RDATE
  std::vector<std::pair<Instant, Instant>> extra_periods;
  std::vector<Instant> left_out;    // EXDATE
  std::optional<Instant> replaces;  // RECURRENCE-ID
  bool cancelled = false;
};

struct IcsFile {
  std::string name;  // X-WR-CALNAME or NAME; may be empty
  std::vector<IcsEvent> events;
};

// One time at which an event takes place.
struct Occurrence {
  Instant start, end;
  const IcsEvent* event = nullptr;
};

// `zone` is that of all-day events, and of times without one, where the file does not say otherwise
// (X-WR-TIMEZONE). A zone that no zone file has is read from the file's own VTIMEZONE. bad_input starts with
// file:line:column; what would change when events take place and is not understood (EXRULE, RANGE) is
// refused, and so is a file without an event.
Result<IcsFile> parse_ics(std::string_view octets, std::string_view file, const Zone& zone);

// Those that overlap [from, until), by start. bad_input, with the event's place, where its rules recur too
// often.
Result<std::vector<Occurrence>> occurrences(const IcsFile& file, Instant from, Instant until,
                                            ExpansionBudget& budget);

}  // namespace signalbox::calendar
