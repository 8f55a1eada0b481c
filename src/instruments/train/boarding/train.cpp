#include "instruments/train/boarding/train.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/boarding/manifest.hpp"
#include "instruments/train/events/predicate_fields.hpp"

namespace signalbox::train {
namespace {

constexpr std::array<std::string_view, 5> kPhases = {"open", "locked", "departed", "rolled-back",
                                                     "cancelled"};

Result<Lock> read_lock(const Event& event) {
  SIGNALBOX_TRY(TrainManifest manifest, read_train_manifest(event.predicate));
  PredicateFields fields(event.predicate, "predicate");
  Lock out;
  out.digest = std::move(manifest.digest);
  out.head = fields.text("head");
  out.base = event.predicate["base"].as_string();
  out.version = fields.text("version");
  for (const Json& item : fields.items("passengers")) {
    PredicateFields passenger(item, fields.where("passengers"));
    out.passengers.push_back(passenger.text("passenger"));
    SIGNALBOX_CHECK(passenger.status());
  }
  out.exception = fields.optional_count("exception");
  SIGNALBOX_CHECK(fields.status());
  out.index = event.index;
  out.time = event.time;
  out.by = event.signer;
  return out;
}

// What one event does to a train.
class Folder {
 public:
  Folder(Train& train, const Rulebook& book) : out_(train), book_(book), rules_(book.boarding) {}

  std::string take(const Event& event) {
    if (event.kind == "schedule") return take_schedule(event);
    const bool is_ours = event.kind == "passenger" || event.kind == "manifest" || event.kind == "departure" ||
                         event.kind == "rollback";
    if (!is_ours) return {};
    if (!out_.schedule) return "the train was never made";
    if (event.kind == "passenger") return take_passenger(event);
    if (event.kind == "manifest") return take_manifest(event);
    return event.kind == "departure" ? take_departure(event) : take_rollback(event);
  }

 private:
  std::string take_schedule(const Event& event) {
    const auto read = read_schedule_event(event.predicate);
    if (!read) return read.error().message;
    std::string why = schedule_objection(out_.schedule, *read);
    if (why.empty() && out_.phase != Phase::open && out_.phase != Phase::locked)
      why = fmt::format("the train is {}", name_of(out_.phase));
    if (!why.empty()) return why;
    if (out_.schedule && event.time >= out_.locks_at(rules_)) out_.closed_since = out_.locks_at(rules_);
    out_.schedule = apply(out_.schedule, *read, event.time);
    if (out_.schedule->cancelled) out_.phase = Phase::cancelled;
    return {};
  }

  std::string lock_objection(const PassengerEvent& move, const Seat* seat, const Event& event) const {
    const bool stays = seat != nullptr && seat->state == move.to;
    return stays ? std::string() : closed_to({event.time, move.exception, event.index});
  }

  std::string take_passenger(const Event& event) {
    const auto move = read_passenger_event(event.predicate);
    if (!move) return move.error().message;
    if (out_.phase == Phase::cancelled) return "the train is cancelled";
    const auto place = std::find_if(out_.seats.begin(), out_.seats.end(),
                                    [&](const Seat& seat) { return seat.record.id == move->record.id; });
    const std::optional<Seat> seat = place == out_.seats.end() ? std::nullopt : std::optional<Seat>(*place);
    std::string why = lock_objection(*move, seat ? &*seat : nullptr, event);
    if (why.empty()) why = move_objection(seat, *move, event, book_);
    if (why.empty()) why = place_objection(seat, *move);
    if (!why.empty()) return fmt::format("{}: {}", move->record.id, why);
    if (seat) {
      *place = apply(seat, *move, event);
    } else {
      out_.seats.push_back(apply(seat, *move, event));
    }
    if (move->to == SeatState::candidate) queue_up();
    return {};
  }

  // Places are limited, whoever gives them.
  std::string place_objection(const std::optional<Seat>& seat, const PassengerEvent& move) const {
    const Risk risk = move.record.risk;
    const auto places = rules_.places_for(risk, *out_.schedule);
    const bool has_it = seat && has_slot(seat->state) && seat->record.risk == risk;
    if (!has_slot(move.to) || has_it || !places || out_.slots_taken(risk, move.record.id) < *places)
      return {};
    return fmt::format("{} takes at most {} of {} risk", out_.id, *places, name_of(risk));
  }

  void queue_up() {
    std::stable_sort(out_.seats.begin(), out_.seats.end(),
                     [](const Seat& a, const Seat& b) { return a.boarding_index < b.boarding_index; });
  }

  std::string take_manifest(const Event& event) {
    auto lock = read_lock(event);
    if (!lock) return lock.error().message;
    if (out_.phase != Phase::open && out_.phase != Phase::locked)
      return fmt::format("the train is {}", name_of(out_.phase));
    if (std::string why = relock_objection(*lock); !why.empty()) return why;
    for (const std::string& id : lock->passengers) {
      const Seat* const seat = out_.find(id);
      if (seat == nullptr || seat->state != SeatState::aboard)
        return fmt::format("{} is in the manifest and not aboard", printable(id));
    }
    out_.lock = std::move(*lock);
    out_.phase = Phase::locked;
    return {};
  }

  // The first manifest locks the scope; another one changes what is locked.
  std::string relock_objection(const Lock& lock) const {
    return out_.lock ? closed_to({lock.time, lock.exception, lock.index}) : std::string();
  }

  std::string closed_to(const ScopeChange& change) const {
    const std::string why = scope_objection(out_, book_, change);
    return why.empty() ? why : "the scope is locked, and " + why;
  }

  std::string take_departure(const Event& event) {
    const std::string_view result = event.predicate["result"].as_string("departed");
    if (result != "departed") return {};
    if (out_.phase == Phase::cancelled) return "the train is cancelled";
    for (Seat& seat : out_.seats) {
      const bool rides = seat.state == SeatState::aboard || seat.state == SeatState::rolled_back;
      if (rides) arrive(seat, SeatState::shipped, event);
    }
    out_.phase = Phase::departed;
    return {};
  }

  std::string take_rollback(const Event& event) {
    if (event.predicate["result"].as_string("rolled-back") != "rolled-back") return {};
    const auto& named = event.predicate["passengers"].items();
    bool all_back = true;
    for (Seat& seat : out_.seats) {
      const bool is_named = named.empty() || std::any_of(named.begin(), named.end(), [&](const Json& id) {
                              return id.as_string() == seat.record.id;
                            });
      const bool left = seat.state == SeatState::shipped || seat.state == SeatState::aboard;
      if (left && is_named) arrive(seat, SeatState::rolled_back, event);
      all_back = all_back && (!left || is_named);
    }
    if (all_back) out_.phase = Phase::rolled_back;
    return {};
  }

  static void arrive(Seat& seat, SeatState state, const Event& event) {
    seat.state = state;
    seat.since = event.time;
    seat.last_index = event.index;
  }

  Train& out_;
  const Rulebook& book_;
  const BoardingRules& rules_;
};

}  // namespace

std::string_view name_of(Phase phase) {
  return kPhases[static_cast<std::size_t>(phase)];
}

const Seat* Train::find(std::string_view passenger) const {
  const auto found =
      std::find_if(seats.begin(), seats.end(), [&](const Seat& seat) { return seat.record.id == passenger; });
  return found == seats.end() ? nullptr : &*found;
}

std::uint64_t Train::slots_taken(Risk risk, std::string_view except) const {
  return static_cast<std::uint64_t>(std::count_if(seats.begin(), seats.end(), [&](const Seat& seat) {
    return has_slot(seat.state) && seat.record.risk == risk && seat.record.id != except;
  }));
}

Time Train::locks_at(const BoardingRules& rules) const {
  return closed_since.value_or(rules.locks_at(*schedule));
}

bool Train::is_locked_at(Time now, const BoardingRules& rules) const {
  return lock.has_value() || (schedule && now >= locks_at(rules));
}

std::string scope_objection(const Train& train, const Rulebook& book, const ScopeChange& change) {
  if (!train.is_locked_at(change.at, book.boarding)) return {};
  if (!change.exception) return "it names no exception";
  const auto manifest = train.lock ? std::optional(train.lock->digest) : std::nullopt;
  return book.objection_to({*change.exception, train.id, manifest, change.at, change.entry});
}

Train fold_train(const TrainEvents& events, const Rulebook& book) {
  Train out;
  out.id = events.train;
  out.last_index = events.last_index;
  out.remarks = events.ignored;
  for (const Event& event : events.events) {
    const std::string why = take_event(out, event, book);
    if (why.empty()) continue;
    out.remarks.push_back({"train/event-refused",
                           fmt::format("log #{} ({} of {}) does not count: {}", event.index, event.kind,
                                       printable(event.signer), why),
                           fmt::format("signalbox evidence show {}", event.index)});
  }
  return out;
}

std::string take_event(Train& train, const Event& event, const Rulebook& book) {
  return Folder(train, book).take(event);
}

Result<Train> read_train(const evidence::Ledger& ledger, const evidence::Trust& trust, const Rulebook& book,
                         std::string_view id) {
  SIGNALBOX_TRY(const TrainEvents events, read_events(ledger, trust, id));
  Train train = fold_train(events, book);
  if (train.schedule) return train;
  if (!train.remarks.empty()) {
    return fail(ErrorKind::not_found,
                fmt::format("nobody trusted has made a train {}: {}", id, train.remarks.front().message),
                "signalbox train list");
  }
  return fail(ErrorKind::not_found, fmt::format("there is no train {}", id),
              fmt::format("signalbox train new {} --depart TIME, or signalbox train list", id));
}

Result<std::vector<Train>> read_trains(const evidence::Ledger& ledger, const evidence::Trust& trust,
                                       const Rulebook& book) {
  SIGNALBOX_TRY(const std::vector<std::string> ids, list_trains(ledger, trust));
  std::vector<Train> out;
  for (const std::string& id : ids) {
    SIGNALBOX_TRY(const TrainEvents events, read_events(ledger, trust, id));
    Train train = fold_train(events, book);
    if (train.schedule) out.push_back(std::move(train));
  }
  return out;
}

const Train* next_train(const std::vector<Train>& trains) {
  const Train* out = nullptr;
  for (const Train& train : trains) {
    const bool waits = train.phase == Phase::open || train.phase == Phase::locked;
    if (waits && (out == nullptr || train.schedule->departs < out->schedule->departs)) out = &train;
  }
  return out;
}

}  // namespace signalbox::train
