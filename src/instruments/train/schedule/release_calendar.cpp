#include "instruments/train/schedule/release_calendar.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/calendar/date_text.hpp"
#include "instruments/train/schedule/milestones.hpp"

namespace signalbox::train::schedule {
namespace {

using std::chrono::days;

constexpr std::size_t kMaxEvents = 200'000;
constexpr std::chrono::days kLongestAhead{3 * 366};
// Milestones reach further than the departure: a train is looked at where any of its days may be asked for.
constexpr days kReach{366};

calendar::Instant second_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

// What is said of a milestone in the words of a public calendar.
std::vector<std::string> categories_of(const std::string& milestone) {
  if (milestone == kReleaseDay) return {"release", "cutover window"};
  if (milestone == "stabilise") return {"release", "rollback hold"};
  return {"release", milestone};
}

// A departure with what all its events share.
struct Departure {
  std::string train;
  Time departs;
  Time locks;
  std::uint64_t sequence = 0;
  CalendarEvent::Status status = CalendarEvent::Status::confirmed;
  calendar::Instant stamp;
  std::string reason;
};

class Maker {
 public:
  Maker(const CalendarSources& sources, std::vector<CalendarEvent>& out) : sources_(sources), out_(out) {}

  // A hotfix has no milestones but its departure.
  void add(const Departure& departure, TrainKind kind) {
    const bool is_hotfix = kind == TrainKind::hotfix;
    bool has_release = false;
    for (const Milestone& milestone : sources_.cadence.milestones) {
      if (is_hotfix && milestone.id != kReleaseDay) continue;
      has_release = has_release || milestone.id == kReleaseDay;
      add(departure, milestone);
    }
    if (!has_release) {
      const std::vector<Milestone> only = release_day_template();
      add(departure, only.front());
    }
    if (is_hotfix) return;
    add_span(departure, "feature-freeze", "Feature freeze: the scope is locked", departure.locks,
             departure.departs);
    add_cooldown(departure);
  }

 private:
  CalendarEvent event_of(const Departure& departure, const std::string& id, const std::string& title) const {
    CalendarEvent out;
    out.uid = fmt::format("{}-{}@{}", departure.train, id, sources_.feed.domain);
    out.train = departure.train;
    out.milestone = id;
    out.title = fmt::format("{}: {}", departure.train, title);
    out.categories = categories_of(id);
    out.sequence = departure.sequence;
    out.status = departure.status;
    out.stamp = departure.stamp;
    return out;
  }

  void add(const Departure& departure, const Milestone& milestone) {
    CalendarEvent out = event_of(departure, milestone.id, milestone.title);
    const Stretch stretch = stretch_of(milestone, departure.departs, sources_.cadence);
    out.owner = milestone.owner;
    out.starts = stretch.starts;
    out.ends = stretch.ends;
    if (milestone.id == kReleaseDay) {
      out.when = span_of(stretch.starts, stretch.ends);
    } else {
      out.when = calendar::DaySpan{stretch.first, stretch.end};
    }
    std::vector<std::string> lines = {"Owner: " + milestone.owner};
    for (const Condition condition : milestone.entry)
      lines.push_back("Begins when " + std::string(text_of(condition)));
    for (const Condition condition : milestone.exit)
      lines.push_back("Ends when " + std::string(text_of(condition)));
    if (!departure.reason.empty()) lines.push_back("Changed: " + departure.reason);
    out.description = join(lines, "\n");
    keep(std::move(out));
  }

  void add_span(const Departure& departure, const std::string& id, const std::string& title, Time starts,
                Time ends) {
    if (starts >= ends) return;
    CalendarEvent out = event_of(departure, id, title);
    out.starts = starts;
    out.ends = ends;
    out.when = span_of(starts, ends);
    keep(std::move(out));
  }

  // Between the rollback hold and the review.
  void add_cooldown(const Departure& departure) {
    const auto& all = sources_.cadence.milestones;
    const auto of = [&](const char* id) {
      return std::find_if(all.begin(), all.end(), [&](const Milestone& one) { return one.id == id; });
    };
    const auto hold = of("stabilise");
    const auto review = of("review");
    if (hold == all.end() || review == all.end() || review->first_day <= hold->last_day + 1) return;
    Milestone cooldown{
        "cooldown", "Post-release cooldown", hold->owner, hold->last_day + 1, review->first_day - 1, {}, {}};
    add(departure, cooldown);
  }

  calendar::TimeSpan span_of(Time starts, Time ends) const {
    return {second_of(starts), second_of(ends), sources_.cadence.zone};
  }

  void keep(CalendarEvent event) {
    if (event.ends > sources_.since && event.starts < sources_.until) out_.push_back(std::move(event));
  }

  const CalendarSources& sources_;
  std::vector<CalendarEvent>& out_;
};

// A letter or digit as it is, everything else as a hyphen.
std::string slug(const std::string& text) {
  std::string out;
  for (const char c : to_lower(text)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (plain) out += c;
    if (!plain && !out.empty() && out.back() != '-') out += '-';
  }
  return out;
}

Status add_freezes(const CalendarSources& sources, std::vector<CalendarEvent>& out) {
  SIGNALBOX_TRY(const gates::FreezeTable table,
                gates::FreezeTable::compile(sources.freezes, "", sources.since, sources.until));
  for (const gates::FrozenSpan& span : table.spans()) {
    CalendarEvent event;
    event.uid = fmt::format("freeze-{}-{}@{}", slug(span.name), calendar::utc_text(second_of(span.start)),
                            sources.feed.domain);
    event.milestone = "freeze";
    event.title = "Freeze: " + span.name;
    event.description = span.reason;
    if (!span.environments.empty()) event.description += "\nOf " + join(span.environments, ", ");
    event.categories = {"freeze"};
    event.starts = span.start;
    event.ends = span.end;
    event.when = calendar::TimeSpan{second_of(span.start), second_of(span.end), sources.cadence.zone};
    event.stamp = sources.stamp;
    out.push_back(std::move(event));
  }
  return {};
}

Departure departure_of(const Train& train, const BoardingRules& rules) {
  const Schedule& schedule = *train.schedule;
  Departure out;
  out.train = train.id;
  out.departs = schedule.departs;
  out.locks = rules.locks_at(schedule);
  out.sequence = schedule.sequence;
  out.stamp = second_of(schedule.changed);
  out.reason = schedule.reason;
  if (train.phase == Phase::cancelled) out.status = CalendarEvent::Status::cancelled;
  return out;
}

bool is_taken(const Slot& slot, const std::vector<Train>& trains) {
  return std::any_of(trains.begin(), trains.end(), [&](const Train& train) {
    return train.id == slot.name || train.schedule->planned == slot.departs ||
           train.schedule->departs == slot.departs;
  });
}

Departure departure_of(const Slot& slot, const CalendarSources& sources) {
  Schedule planned;
  planned.departs = slot.departs;
  Departure out;
  out.train = slot.name;
  out.departs = slot.departs;
  out.locks = sources.rules.locks_at(planned);
  out.status = CalendarEvent::Status::tentative;
  out.stamp = sources.stamp;
  return out;
}

}  // namespace

std::string_view name_of(CalendarEvent::Status status) {
  switch (status) {
    case CalendarEvent::Status::tentative:
      return "tentative";
    case CalendarEvent::Status::cancelled:
      return "cancelled";
    case CalendarEvent::Status::confirmed:
      break;
  }
  return "confirmed";
}

Result<ReleaseCalendar> make_calendar(const CalendarSources& sources) {
  ReleaseCalendar out{sources.feed.name, sources.cadence.name, sources.since, sources.until, {}};
  Maker maker(sources, out.events);
  for (const Train& train : sources.trains)
    maker.add(departure_of(train, sources.rules), train.schedule->kind);
  SIGNALBOX_TRY(
      const std::vector<Slot> planned,
      slots(sources.cadence, std::max(sources.now, sources.since - kReach), sources.until + kReach));
  for (const Slot& slot : planned) {
    if (!is_taken(slot, sources.trains)) maker.add(departure_of(slot, sources), TrainKind::regular);
    if (out.events.size() > kMaxEvents)
      return fail(ErrorKind::bad_input, fmt::format("more than {} events", kMaxEvents), "a shorter stretch");
  }
  SIGNALBOX_CHECK(add_freezes(sources, out.events));
  std::stable_sort(out.events.begin(), out.events.end(),
                   [](const CalendarEvent& a, const CalendarEvent& b) { return a.starts < b.starts; });
  return out;
}

Result<Slot> next_slot(const Cadence& cadence, const std::vector<Train>& trains, Time now) {
  SIGNALBOX_TRY(const std::vector<Slot> ahead,
                slots(cadence, now + std::chrono::milliseconds(1), now + kLongestAhead));
  for (const Slot& slot : ahead) {
    if (!is_taken(slot, trains)) return slot;
  }
  return fail(ErrorKind::not_found, "the cadence plans no departure that is free",
              "--depart 2026-12-01T10:00:00Z, or +21d; train.cadence in signalbox.yaml");
}

}  // namespace signalbox::train::schedule
