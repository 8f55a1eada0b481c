// The state machine of a passenger:
//   candidate → described → slotted → approved → (dry-run →) aboard → shipped → rolled-back
// and from each state before shipped → bumped, from where it may come back as a candidate. The last two
// arrows are the train's: a departure ships, a rollback takes back, and no passenger's event says either.
#pragma once

#include <optional>
#include <set>
#include <string>

#include "instruments/train/boarding/passenger_record.hpp"
#include "instruments/train/boarding/rulebook.hpp"
#include "instruments/train/events/event.hpp"

namespace signalbox::train {

// A passenger of a train, as the events so far have it.
struct Seat {
  PassengerRecord record;
  SeatState state = SeatState::candidate;
  std::uint64_t boarding_index = 0;      // log index of the event that brought it: its place in the queue
  std::uint64_t last_index = 0;          // of the newest event about it
  Time since;                            // it is in that state
  std::string described_by;              // key that signed the record as it is
  std::set<std::string> authors;         // keys that signed any of it since it came
  std::string approved_by;               // empty before
  std::string reason;                    // of bumping
  std::optional<std::uint64_t> dry_run;  // evidence of it
};

// Still on the way to departure, or gone with it: what counts for limits.
bool is_on_train(SeatState state);
// Takes one of the limited places: slotted, approved, dry-run, aboard.
bool has_slot(SeatState state);
bool needs_dry_run(const PassengerRecord& record);

// Why an event of kind `passenger` may not come next, by the rule that forbids it; empty where it may.
// `seat`: the passenger so far, absent where the train has none of its id. Limits are not looked at here.
std::string move_objection(const std::optional<Seat>& seat, const PassengerEvent& move, const Event& event,
                           const Rulebook& book);
// `move` must be without objection.
Seat apply(const std::optional<Seat>& seat, const PassengerEvent& move, const Event& event);

}  // namespace signalbox::train
