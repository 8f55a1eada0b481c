// The public calendar of releases: the milestones of trains that were made, of those that the cadence plans,
// and freezes. Pure.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/calendar/ics_writer.hpp"
#include "core/gates/freeze_table.hpp"
#include "instruments/train/boarding/train.hpp"
#include "instruments/train/schedule/cadence.hpp"
#include "instruments/train/schedule/feed.hpp"

namespace signalbox::train::schedule {

// One thing that happens at a time.
struct CalendarEvent {
  std::string uid;        // "2026-12-review@example.org": stable
  std::string train;      // empty of a freeze
  std::string milestone;  // "review", "feature-freeze", "cooldown", "freeze"
  std::string title, owner, description;
  std::vector<std::string> categories;
  std::variant<calendar::DaySpan, calendar::TimeSpan> when;
  Time starts, ends;
  std::uint64_t sequence = 0;
  enum class Status { confirmed, tentative, cancelled } status = Status::confirmed;
  calendar::Instant stamp;
};
std::string_view name_of(CalendarEvent::Status status);

struct ReleaseCalendar {
  std::string name;
  std::string cadence;
  Time since, until;
  std::vector<CalendarEvent> events;  // by start
};

struct CalendarSources {
  Feed feed;  // complete
  Cadence cadence;
  std::vector<Train> trains;
  BoardingRules rules;
  std::vector<gates::Freeze> freezes;
  Time since, until;
  Time now;
  calendar::Instant stamp;  // of what is planned and of freezes: when the configuration became what it is
};
// A slot of the cadence is planned where it is ahead and no train was made for it, or moved away from it.
Result<ReleaseCalendar> make_calendar(const CalendarSources& sources);

std::string to_ics(const ReleaseCalendar& calendar);
Json to_json(const ReleaseCalendar& calendar);
std::string to_html(const ReleaseCalendar& calendar);  // one self-contained page

// The first departure of the cadence from now on for which no train was made. not_found where there is none.
Result<Slot> next_slot(const Cadence& cadence, const std::vector<Train>& trains, Time now);

}  // namespace signalbox::train::schedule
