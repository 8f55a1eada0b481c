#include "core/calendar/ics_zone.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/calendar/date_text.hpp"
#include "core/calendar/rrule.hpp"

namespace signalbox::calendar {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMaxObservances = 200;
constexpr Wall kHorizon{Day(std::chrono::year(2100) / 1 / 1)};

// "+0100", "-033045"
std::optional<seconds> parse_offset(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (!negative && !text.starts_with('+')) return std::nullopt;
  text.remove_prefix(1);
  if (text.size() != 4 && text.size() != 6) return std::nullopt;
  int parts[3] = {0, 0, 0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    parts[i / 2] = parts[i / 2] * 10 + (text[i] - '0');
  }
  if (parts[1] > 59 || parts[2] > 59) return std::nullopt;
  const seconds out = std::chrono::hours(parts[0]) + std::chrono::minutes(parts[1]) + seconds(parts[2]);
  return negative ? -out : out;
}

// A STANDARD or DAYLIGHT part: when it begins, again and again, and what holds from then on.
struct Observance {
  seconds from{0};
  Regime regime;
  std::vector<Instant> onsets;
};

class ObservanceReader {
 public:
  ObservanceReader(const Component& part, std::string_view file, ExpansionBudget& budget)
      : part_(part), file_(file), budget_(budget) {}

  Result<Observance> read() {
    SIGNALBOX_TRY(out_.from, offset("TZOFFSETFROM"));
    SIGNALBOX_TRY(out_.regime.offset, offset("TZOFFSETTO"));
    out_.regime.daylight = part_.name == "DAYLIGHT";
    if (const ContentLine* name = part_.find("TZNAME")) out_.regime.abbreviation = printable(name->value);
    SIGNALBOX_TRY(const Zone before, Zone::of("", {{out_.from, false, ""}}, {}, std::nullopt));
    const ContentLine* start = part_.find("DTSTART");
    const auto moment = start == nullptr ? std::nullopt : parse_moment(start->value);
    if (!moment) return wrong(start, "DTSTART is a time by the clocks before the change");
    out_.onsets.push_back(before.to_utc(moment->wall));
    for (const ContentLine& line : part_.properties) {
      if (line.name == "RRULE") SIGNALBOX_CHECK(add_rule(line, moment->wall, before));
      if (line.name == "RDATE") SIGNALBOX_CHECK(add_dates(line, before));
    }
    return std::move(out_);
  }

 private:
  tl::unexpected<Error> wrong(const ContentLine* line, std::string_view what) const {
    const std::string where = line == nullptr ? fmt::format("{}:1", part_.line) : line->where();
    return fail(ErrorKind::bad_input, fmt::format("{}:{}: {}", file_, where, what));
  }

  Result<seconds> offset(std::string_view name) const {
    const ContentLine* line = part_.find(name);
    const auto value = line == nullptr ? std::nullopt : parse_offset(line->value);
    if (!value) return wrong(line, fmt::format("{} is an offset such as +0100", name));
    return *value;
  }

  Status add_rule(const ContentLine& line, Wall start, const Zone& before) {
    const auto rule = parse_rrule(line.value);
    if (!rule) return wrong(&line, rule.error().message);
    const auto walls = expand(*rule, start, before, kHorizon, budget_);
    if (!walls) return wrong(&line, walls.error().message);
    for (const Wall wall : *walls) out_.onsets.push_back(before.to_utc(wall));
    return {};
  }

  Status add_dates(const ContentLine& line, const Zone& before) {
    for (const std::string_view text : split(line.value, ',')) {
      const auto moment = parse_moment(text);
      if (!moment) return wrong(&line, "RDATE is a list of times");
      out_.onsets.push_back(before.to_utc(moment->wall));
    }
    return {};
  }

  const Component& part_;
  std::string_view file_;
  ExpansionBudget& budget_;
  Observance out_;
};

// All changes of `zone` from that in force at `first` to `last`, grouped by what they change to.
struct ChangesTo {
  Regime regime;
  seconds from{0};
  std::vector<Wall> onsets;  // by the clocks before
};

std::vector<ChangesTo> changes_of(const Zone& zone, Instant first, Instant last) {
  std::vector<ChangesTo> out;
  Stretch stretch = zone.at(first);
  // The one in force: RFC 5545 wants an onset before every time that is used.
  Regime before = *stretch.regime;
  Instant begin = stretch.begin == Instant::min()
                      ? Instant(std::chrono::sys_days(std::chrono::year(1970) / 1 / 1))
                      : stretch.begin;
  if (stretch.begin != Instant::min()) before = *zone.at(stretch.begin - seconds(1)).regime;
  while (true) {
    const Regime& regime = *stretch.regime;
    auto same = std::find_if(out.begin(), out.end(), [&](const ChangesTo& one) {
      return one.from == before.offset && one.regime.offset == regime.offset &&
             one.regime.daylight == regime.daylight && one.regime.abbreviation == regime.abbreviation;
    });
    if (same == out.end()) same = out.insert(out.end(), {regime, before.offset, {}});
    same->onsets.push_back(Wall(begin.time_since_epoch() + before.offset));
    if (stretch.end == Instant::max() || stretch.end > last) return out;
    before = regime;
    begin = stretch.end;
    stretch = zone.at(begin);
  }
}

// The rule of a year's change as an RRULE, where RFC 5545 can say it.
std::optional<std::string> rrule_of(const ZoneRule::Date& date) {
  constexpr const char* kDays[] = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
  if (date.form != ZoneRule::Date::Form::month_week_day) return std::nullopt;
  return fmt::format("FREQ=YEARLY;BYMONTH={};BYDAY={}{}", date.month, date.week == 5 ? -1 : date.week,
                     kDays[date.weekday]);
}

// The rule that gives exactly these onsets, where there is one.
std::optional<std::string> rule_for(const ChangesTo& changes, const std::optional<ZoneRule>& rule) {
  if (!rule || !rule->daylight || changes.onsets.size() < 2) return std::nullopt;
  const auto text = rrule_of(changes.regime.daylight == rule->daylight->daylight &&
                                     changes.regime.offset == rule->daylight->offset
                                 ? rule->to_daylight
                                 : rule->to_standard);
  if (!text) return std::nullopt;
  const auto parsed = parse_rrule(*text);
  if (!parsed) return std::nullopt;
  const auto walls = expand(*parsed, changes.onsets.front(), Zone::utc(), changes.onsets.back());
  return walls && *walls == changes.onsets ? text : std::nullopt;
}

void append_observance(std::string& out, const ChangesTo& changes, Wall onset, std::string_view rrule) {
  const char* const name = changes.regime.daylight ? "DAYLIGHT" : "STANDARD";
  append_folded(out, fmt::format("BEGIN:{}", name));
  append_folded(out, "DTSTART:" + wall_text(onset));
  append_folded(out, "TZOFFSETFROM:" + offset_text(changes.from));
  append_folded(out, "TZOFFSETTO:" + offset_text(changes.regime.offset));
  if (!changes.regime.abbreviation.empty()) {
    std::string line = "TZNAME:";
    append_escaped(line, changes.regime.abbreviation);
    append_folded(out, line);
  }
  if (!rrule.empty()) append_folded(out, fmt::format("RRULE:{}", rrule));
  append_folded(out, fmt::format("END:{}", name));
}

// Where no rule says it, each change by itself: some readers pass over DTSTART beside RDATE.
void append_changes(std::string& out, const ChangesTo& changes, const std::optional<ZoneRule>& rule) {
  if (const auto text = rule_for(changes, rule)) {
    append_observance(out, changes, changes.onsets.front(), *text);
    return;
  }
  for (const Wall onset : changes.onsets) append_observance(out, changes, onset, {});
}

}  // namespace

Result<Zone> parse_vtimezone(const Component& component, std::string_view file, ExpansionBudget& budget) {
  const auto wrong = [&](std::string_view what) {
    return fail(ErrorKind::bad_input, fmt::format("{}:{}:1: {}", file, component.line, what));
  };
  struct Onset {
    Instant at;
    std::size_t observance;
  };
  std::vector<Regime> regimes(1);
  std::vector<Onset> onsets;
  std::vector<seconds> before;
  for (const Component& part : component.parts) {
    if (part.name != "STANDARD" && part.name != "DAYLIGHT") continue;
    if (regimes.size() > kMaxObservances) return wrong("a time zone with too many parts");
    SIGNALBOX_TRY(const Observance read, ObservanceReader(part, file, budget).read());
    for (const Instant at : read.onsets) onsets.push_back({at, regimes.size()});
    regimes.push_back(read.regime);
    before.push_back(read.from);
  }
  if (onsets.empty()) return wrong("a time zone without STANDARD and DAYLIGHT");
  std::stable_sort(onsets.begin(), onsets.end(), [](const Onset& a, const Onset& b) { return a.at < b.at; });
  regimes.front().offset = before[onsets.front().observance - 1];
  std::vector<Change> changes;
  for (const Onset& onset : onsets) {
    const Change change{onset.at, static_cast<std::uint8_t>(onset.observance)};
    if (!changes.empty() && changes.back().at == change.at) {
      changes.back() = change;
    } else {
      changes.push_back(change);
    }
  }
  const ContentLine* id = component.find("TZID");
  auto zone = Zone::of(id == nullptr ? "" : printable(id->value), std::move(regimes), std::move(changes),
                       std::nullopt);
  if (!zone) return wrong(zone.error().message);
  return zone;
}

void append_vtimezone(std::string& out, const Zone& zone, Instant first, Instant last) {
  append_folded(out, "BEGIN:VTIMEZONE");
  append_folded(out, "TZID:" + zone.name());
  for (const ChangesTo& changes : changes_of(zone, first, last)) append_changes(out, changes, zone.rule());
  append_folded(out, "END:VTIMEZONE");
}

}  // namespace signalbox::calendar
