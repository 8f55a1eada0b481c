#include "core/calendar/ics_reader.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/calendar/ics_component.hpp"
#include "core/calendar/ics_zone.hpp"

namespace signalbox::calendar {
namespace {

constexpr std::size_t kMaxEvents = 50'000;
constexpr std::size_t kMaxExtras = 10'000;  // RDATE and EXDATE values of an event
constexpr std::chrono::days kLongestLength{10 * 366};
constexpr Wall kHorizon{Day(std::chrono::year(9999) / 12 / 31)};

// The zones that a file's times name: of the system, else those that the file brings.
class Zones {
 public:
  Zones(const Component& calendar, std::string_view file, Zone usual)
      : file_(file), usual_(std::move(usual)) {
    for (const Component& part : calendar.parts) {
      const ContentLine* id = part.name == "VTIMEZONE" ? part.find("TZID") : nullptr;
      if (id != nullptr) own_.emplace(id->value, &part);
    }
  }

  const Zone& usual() const { return usual_; }
  void make_usual(Zone zone) { usual_ = std::move(zone); }

  Result<Zone> find(const std::string& name) {
    if (const auto known = read_.find(name); known != read_.end()) return known->second;
    SIGNALBOX_TRY(Zone zone, look_up(name));
    read_.emplace(name, zone);
    return zone;
  }

 private:
  Result<Zone> look_up(const std::string& name) {
    // "/mozilla.org/20050126_1/Europe/Berlin": some programs put a place in front of the name.
    std::string_view rest = name;
    while (!has_zone(rest)) {
      const std::size_t slash = rest.find('/');
      if (slash == std::string_view::npos) break;
      rest.remove_prefix(slash + 1);
    }
    if (has_zone(rest)) return read_zone(rest);
    const auto own = own_.find(name);
    if (own == own_.end()) return read_zone(name);
    return parse_vtimezone(*own->second, file_, budget_);
  }

  std::string_view file_;
  Zone usual_;
  std::map<std::string, const Component*> own_;
  std::map<std::string, Zone> read_;
  // Both changes of 500 years take 370,000 steps; many programs let a zone begin in 1601.
  ExpansionBudget budget_{.occurrences = 50'000, .steps = 5'000'000};
};

// A value with the zone in which it is read.
struct Placed {
  Moment moment;
  Zone zone = Zone::utc();
  Instant instant() const { return zone.to_utc(moment.wall); }
};

class EventReader {
 public:
  EventReader(const Component& part, std::string_view file, Zones& zones)
      : part_(part), file_(file), zones_(zones) {}

  Result<IcsEvent> read() {
    event_.where = fmt::format("{}:{}:1", file_, part_.line);
    for (const ContentLine& line : part_.properties) {
      if (line.name == "UID") event_.uid = line.value;
      if (line.name == "SUMMARY") event_.summary = printable(unescaped(line.value));
      if (line.name == "DESCRIPTION") event_.description = printable(unescaped(line.value));
      if (line.name == "STATUS") event_.cancelled = to_lower(trim(line.value)) == "cancelled";
      if (line.name == "EXRULE") return wrong(line, "EXRULE is not read: RFC 5545 has done away with it");
    }
    SIGNALBOX_CHECK(read_start());
    SIGNALBOX_CHECK(read_length());
    for (const ContentLine& line : part_.properties) SIGNALBOX_CHECK(read_recurrence(line));
    return std::move(event_);
  }

 private:
  tl::unexpected<Error> wrong(const ContentLine& line, std::string_view what, std::string hint = {}) const {
    return fail(ErrorKind::bad_input, fmt::format("{}:{}: {}", file_, line.where(), what), std::move(hint));
  }
  // An error whose message may start with "column N: ", within the value.
  tl::unexpected<Error> wrong(const ContentLine& line, const Error& error) const {
    std::string_view message = error.message;
    constexpr std::string_view kColumn = "column ";
    std::size_t column = 1;
    if (const std::size_t colon = message.find(": ");
        message.starts_with(kColumn) && colon != std::string_view::npos) {
      const auto number = parse_integer(message.substr(kColumn.size(), colon - kColumn.size()));
      if (number) column = static_cast<std::size_t>(*number);
      message.remove_prefix(colon + 2);
    }
    return fail(error.kind, fmt::format("{}:{}: {}: {}", file_, line.where(column), line.name, message),
                error.hint);
  }

  Result<Placed> placed(const ContentLine& line, std::string_view text) const {
    const auto moment = parse_moment(text);
    const bool as_date = line.parameter("VALUE") == "DATE";
    if (!moment || (as_date && moment->form != Moment::Form::date))
      return wrong(line, fmt::format("`{}` is no {}", printable(text), as_date ? "date" : "date and no time"),
                   "20261224, 20261224T100000 or 20261224T090000Z");
    Placed out{*moment, zones_.usual()};
    if (moment->form == Moment::Form::utc) out.zone = Zone::utc();
    const std::string name(line.parameter("TZID"));
    if (moment->form != Moment::Form::wall || name.empty()) return out;
    auto zone = zones_.find(name);
    if (!zone) return wrong(line, zone.error());
    out.zone = std::move(*zone);
    return out;
  }

  Status read_start() {
    const ContentLine* line = part_.find("DTSTART");
    if (line == nullptr)
      return fail(ErrorKind::bad_input, fmt::format("{}: an event without DTSTART", event_.where));
    SIGNALBOX_TRY(const Placed start, placed(*line, line->value));
    event_.start = start.moment.wall;
    event_.zone = start.zone;
    event_.all_day = start.moment.form == Moment::Form::date;
    return {};
  }

  Status read_length() {
    const ContentLine* end = part_.find("DTEND");
    const ContentLine* duration = part_.find("DURATION");
    if (end != nullptr && duration != nullptr)
      return wrong(*duration, "DTEND and DURATION exclude each other");
    if (end != nullptr) return read_end(*end);
    if (duration == nullptr) {
      if (event_.all_day) event_.length.days = std::chrono::days(1);
      return {};
    }
    const auto length = parse_period(duration->value);
    if (!length || length->days.count() < 0 || length->time.count() < 0)
      return wrong(*duration, fmt::format("`{}` is no length", printable(duration->value)), "P1D, PT8H");
    if (length->days > kLongestLength || length->time > kLongestLength)
      return wrong(*duration, "an event of more than ten years");
    if (event_.all_day && length->time.count() != 0)
      return wrong(*duration, "an event of whole days lasts whole days", "P1D");
    event_.length = *length;
    return {};
  }

  Status read_end(const ContentLine& line) {
    SIGNALBOX_TRY(const Placed end, placed(line, line.value));
    const bool all_day = end.moment.form == Moment::Form::date;
    if (all_day != event_.all_day) return wrong(line, "DTSTART and DTEND are both dates or both times");
    if (all_day) {
      event_.length.days = std::chrono::floor<std::chrono::days>(end.moment.wall - event_.start);
    } else {
      event_.length.time = end.instant() - event_.zone.to_utc(event_.start);
    }
    const bool backwards = event_.length.days.count() < 0 || event_.length.time.count() < 0;
    if (backwards) return wrong(line, "the event ends before it starts");
    if (event_.length.days > kLongestLength || event_.length.time > kLongestLength)
      return wrong(line, "an event of more than ten years");
    // RFC 5545 wants the end of an all-day event after its start; many files name the same day.
    if (all_day && event_.length.days.count() == 0) event_.length.days = std::chrono::days(1);
    return {};
  }

  Status read_recurrence(const ContentLine& line) {
    if (line.name == "RRULE") {
      auto rule = parse_rrule(line.value);
      if (!rule) return wrong(line, rule.error());
      event_.rules.push_back(std::move(*rule));
    } else if (line.name == "RDATE") {
      SIGNALBOX_CHECK(read_dates(line));
    } else if (line.name == "EXDATE") {
      for (const std::string_view text : split(line.value, ',')) {
        SIGNALBOX_TRY(const Placed date, placed(line, text));
        event_.left_out.push_back(date.instant());
      }
    } else if (line.name == "RECURRENCE-ID") {
      if (!line.parameter("RANGE").empty())
        return wrong(line, "a change of this and all later instances is not read",
                     "end the first event with UNTIL, and begin another");
      SIGNALBOX_TRY(const Placed date, placed(line, line.value));
      event_.replaces = date.instant();
    }
    if (event_.extra.size() + event_.extra_periods.size() + event_.left_out.size() > kMaxExtras)
      return wrong(line, "too many dates");
    return {};
  }

  Status read_dates(const ContentLine& line) {
    for (const std::string_view text : split(line.value, ',')) {
      const std::size_t slash = text.find('/');
      SIGNALBOX_TRY(const Placed start, placed(line, text.substr(0, slash)));
      if (slash == std::string_view::npos) {
        event_.extra.push_back(start.instant());
        continue;
      }
      const std::string_view rest = text.substr(slash + 1);
      Instant end = start.instant();
      if (const auto length = parse_period(rest)) {
        end = after(start.moment.wall, *length, start.zone);
      } else {
        SIGNALBOX_TRY(const Placed last, placed(line, rest));
        end = last.instant();
      }
      if (end < start.instant() || end - start.instant() > kLongestLength)
        return wrong(line, "a period that ends before it starts, or after ten years");
      event_.extra_periods.emplace_back(start.instant(), end);
    }
    return {};
  }

  const Component& part_;
  std::string_view file_;
  Zones& zones_;
  IcsEvent event_;
};

Status read_calendar(const Component& calendar, std::string_view file, const Zone& zone, IcsFile& out) {
  Zones zones(calendar, file, zone);
  for (const char* key : {"X-WR-CALNAME", "NAME"}) {
    if (const ContentLine* name = calendar.find(key); name != nullptr && out.name.empty())
      out.name = printable(unescaped(name->value));
  }
  if (const ContentLine* line = calendar.find("X-WR-TIMEZONE")) {
    auto usual = zones.find(line->value);
    if (!usual)
      return fail(usual.error().kind, fmt::format("{}:{}: {}", file, line->where(), usual.error().message),
                  usual.error().hint);
    zones.make_usual(std::move(*usual));
  }
  for (const Component& part : calendar.parts) {
    if (part.name != "VEVENT") continue;
    SIGNALBOX_TRY(IcsEvent event, EventReader(part, file, zones).read());
    out.events.push_back(std::move(event));
    if (out.events.size() > kMaxEvents)
      return fail(ErrorKind::bad_input,
                  fmt::format("{}:{}:1: more than {} events", file, part.line, kMaxEvents));
  }
  return {};
}

// The instants at which an event starts, none after `until`; those left out are among them.
Result<std::vector<Instant>> starts_of(const IcsEvent& event, Instant until, ExpansionBudget& budget) {
  std::vector<Instant> out = {event.zone.to_utc(event.start)};
  const Wall last = std::min(kHorizon, event.zone.to_wall(until) + std::chrono::days(2));
  for (const Rrule& rule : event.rules) {
    const auto walls = expand(rule, event.start, event.zone, last, budget);
    if (!walls) return fail_in(event.where, walls.error());
    for (const Wall wall : *walls) out.push_back(event.zone.to_utc(wall));
  }
  out.insert(out.end(), event.extra.begin(), event.extra.end());
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace

Result<IcsFile> parse_ics(std::string_view octets, std::string_view file, const Zone& zone) {
  SIGNALBOX_TRY(const std::vector<Component> calendars, read_components(octets, file));
  IcsFile out;
  for (const Component& calendar : calendars) SIGNALBOX_CHECK(read_calendar(calendar, file, zone, out));
  if (out.events.empty())
    return fail(ErrorKind::bad_input, fmt::format("{}:1:1: there is no event in it", file),
                "an .ics file with VEVENTs");
  return out;
}

Result<std::vector<Occurrence>> occurrences(const IcsFile& file, Instant from, Instant until,
                                            ExpansionBudget& budget) {
  // Instances that another VEVENT of the same uid replaces.
  std::set<std::pair<std::string_view, Instant>> replaced;
  for (const IcsEvent& event : file.events) {
    if (event.replaces) replaced.emplace(event.uid, *event.replaces);
  }
  std::vector<Occurrence> out;
  for (const IcsEvent& event : file.events) {
    if (event.cancelled) continue;
    const auto add = [&](Instant start, Instant end) {
      const auto& gone = event.left_out;
      const bool is_out = std::find(gone.begin(), gone.end(), start) != gone.end() ||
                          (!event.replaces && replaced.count({event.uid, start}) > 0);
      if (!is_out && start < until && end > from) out.push_back({start, end, &event});
    };
    SIGNALBOX_TRY(const std::vector<Instant> starts, starts_of(event, until, budget));
    for (const Instant start : starts) {
      if (start >= until) break;
      add(start, after(event.zone.to_wall(start), event.length, event.zone));
    }
    for (const auto& [start, end] : event.extra_periods) add(start, end);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Occurrence& a, const Occurrence& b) { return a.start < b.start; });
  return out;
}

}  // namespace signalbox::calendar
