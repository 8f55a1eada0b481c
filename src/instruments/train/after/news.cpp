#include "instruments/train/after/news.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::after {
namespace {

constexpr std::size_t kMaxTitleColumns = 120;
constexpr std::size_t kMaxNameColumns = 40;
constexpr std::size_t kMaxWhyColumns = 600;

// Text of somebody as one line, so that it begins no line, item or heading of its own.
std::string one_line_of(std::string_view text, std::size_t columns) {
  std::string out = printable(trim(text));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return cut_to_width(out, columns);
}

// The number of the schedule that a message told of: 2 of "change.2"; nothing of other messages.
std::optional<std::uint64_t> sequence_in(std::string_view key) {
  for (const Moment moment : {Moment::planning, Moment::change}) {
    const std::string prefix = std::string(name_of(moment)) + ".";
    if (!key.starts_with(prefix)) continue;
    const auto number = parse_integer(key.substr(prefix.size()));
    if (number && *number >= 0) return static_cast<std::uint64_t>(*number);
  }
  return std::nullopt;
}

class Newsroom {
 public:
  explicit Newsroom(const NewsSource& source) : s_(source) {}

  std::vector<News> news() {
    if (!s_.train.schedule) return {};
    if (is_on_its_way()) {
      on_its_way();
    } else if (const auto ending = ending_of(s_.passages)) {
      ended(*ending);
    } else {
      waiting();
      if (s_.ramp.phase == ramp::Phase::aborted) aborted();
    }
    return std::move(out_);
  }

 private:
  const Schedule& schedule() const { return *s_.train.schedule; }

  NewsFacts facts() const {
    NewsFacts out;
    out.train = s_.train.id;
    out.departs = to_rfc3339(schedule().departs);
    out.is_cancelled = schedule().cancelled;
    out.is_hotfix = schedule().kind == TrainKind::hotfix;
    if (s_.train.lock) {
      out.version = one_line_of(s_.train.lock->version, kMaxNameColumns);
      out.manifest = "sha256:" + s_.train.lock->digest;
    }
    for (const Seat& seat : s_.train.seats) {
      if (seat.state != SeatState::aboard && seat.state != SeatState::shipped) continue;
      if (++out.aboard > kMaxTold) continue;
      out.passengers.push_back({one_line_of(seat.record.title, kMaxTitleColumns),
                                one_line_of(seat.record.owner, kMaxNameColumns),
                                std::string(name_of(seat.record.risk))});
    }
    return out;
  }
  NewsFacts facts_of_ramp(std::string state, std::string_view why) const {
    NewsFacts out = facts();
    out.version = one_line_of(s_.ramp.begun.version, kMaxNameColumns);
    out.baseline = one_line_of(s_.ramp.begun.baseline, kMaxNameColumns);
    out.weight = s_.ramp.weight;
    out.state = std::move(state);
    out.why = one_line_of(why, kMaxWhyColumns);
    return out;
  }
  News& add(Moment moment, std::string_view of, NewsFacts facts) {
    News news;
    news.moment = moment;
    news.key = fmt::format("{}.{}", name_of(moment), of);
    news.facts = std::move(facts);
    out_.push_back(std::move(news));
    return out_.back();
  }

  // The departure that was told last, of the plans before this one.
  std::optional<Time> told_departure() const {
    std::optional<std::uint64_t> told;
    for (const auto& [place, delivery] : s_.told.deliveries) {
      const auto sequence = sequence_in(place.first);
      const bool may_be_known = delivery.state != Delivery::State::refused;
      if (sequence && may_be_known && *sequence < schedule().sequence) told = std::max(told, sequence);
    }
    if (!told) return std::nullopt;
    for (const Event& event : s_.events.events) {
      if (event.kind != "schedule") continue;
      const auto read = read_schedule_event(event.predicate);
      if (read && read->sequence == *told) return read->departs;
    }
    return schedule().planned;
  }

  void waiting() {
    const Time departs = schedule().departs;
    const auto told = told_departure();
    NewsFacts plan = facts();
    plan.why = one_line_of(schedule().reason, kMaxWhyColumns);
    const std::string sequence = std::to_string(schedule().sequence);
    if (told) {
      plan.was_to_depart = to_rfc3339(*told);
      News& change = add(Moment::change, sequence, std::move(plan));
      change.until = schedule().cancelled ? schedule().changed + kNewsFor : departs;
    } else if (!schedule().cancelled) {
      add(Moment::planning, sequence, std::move(plan)).until = departs;
    }
    if (schedule().cancelled || !s_.train.lock) return;
    add(Moment::freeze, std::to_string(s_.train.lock->index), facts()).until = departs;
    News& soon = add(Moment::pre_cutover, sequence, facts());
    soon.from = departs - s_.before;
    soon.until = departs;
  }

  // A ramp that ends before it has moved any traffic changed nothing for anybody.
  bool is_on_its_way() const {
    using ramp::Phase;
    const Phase phase = s_.ramp.phase;
    if (!s_.ramp.has_moved_traffic) return false;
    return phase == Phase::ramping || phase == Phase::promoting || phase == Phase::going_back ||
           phase == Phase::stuck;
  }

  void on_its_way() {
    const std::string& attempt = s_.ramp.attempt;
    const bool is_stuck = s_.ramp.phase == ramp::Phase::stuck;
    if (is_stuck || s_.ramp.phase == ramp::Phase::going_back) {
      const std::string why = s_.ramp.breach ? s_.ramp.breach->why : s_.ramp.begun.why;
      add(Moment::rollback, is_stuck ? attempt + ".stuck" : attempt,
          facts_of_ramp(is_stuck ? "stuck" : "taking-back", why));
      return;
    }
    add(Moment::departure, attempt, facts_of_ramp("departing", ""));
    const std::optional<ramp::Pause> pause = s_.ramp.ordered_pause                   ? s_.ramp.ordered_pause
                                             : s_.ramp.hold && s_.ramp.hold->stopped ? s_.ramp.hold->stopped
                                                                                     : std::nullopt;
    if (!pause) return;
    NewsFacts stands = facts_of_ramp("paused", pause->why);
    stands.since = to_rfc3339(pause->since);
    add(Moment::pause, fmt::format("{}.{}", attempt, pause->since.time_since_epoch().count()),
        std::move(stands));
  }

  void ended(const Ending& ending) {
    NewsFacts end = facts();
    end.version = one_line_of(ending.version, kMaxNameColumns);
    end.baseline = one_line_of(ending.baseline, kMaxNameColumns);
    end.since = to_rfc3339(ending.time);
    end.state = name_of(ending.how);
    std::uint64_t index = 0;
    if (ending.how == Ending::How::taken_back) {
      const WayBack& back = s_.passages.ways_back.back();
      end.took = to_text(back.restored - back.detected);
      end.why = one_line_of(back.why, kMaxWhyColumns);
      index = back.index;
    } else {
      index = s_.passages.departures.back().index;
    }
    add(Moment::summary, std::to_string(index), std::move(end)).until = ending.time + kNewsFor;
  }

  void aborted() {
    News& news = add(Moment::summary, s_.ramp.attempt + ".aborted", facts_of_ramp("aborted", abort_reason()));
    news.until = s_.ramp.last_acted + kNewsFor;
  }

  std::string abort_reason() const { return s_.ramp.breach ? s_.ramp.breach->why : std::string(); }

  const NewsSource& s_;
  std::vector<News> out_;
};

}  // namespace

std::vector<News> news_of(const NewsSource& source) {
  return Newsroom(source).news();
}

}  // namespace signalbox::train::after
