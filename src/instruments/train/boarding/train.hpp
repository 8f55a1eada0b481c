// A train as it stands: the fold of its events. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "instruments/train/boarding/rulebook.hpp"
#include "instruments/train/boarding/schedule.hpp"
#include "instruments/train/boarding/transitions.hpp"
#include "instruments/train/events/event.hpp"

namespace signalbox::train {

// The scope of a train, locked: its newest signed manifest.
struct Lock {
  std::string digest;  // of the manifest, sha256 hex
  std::string head;    // the commit that departs
  std::string base;    // the release tag before it; empty: there is none
  std::string version;
  std::vector<std::string> passengers;  // ids of those aboard
  std::uint64_t index = 0;              // in the log
  Time time;
  std::string by;                          // key that signed it
  std::optional<std::uint64_t> exception;  // that opened the scope which was locked before
};

enum class Phase { open, locked, departed, rolled_back, cancelled };
std::string_view name_of(Phase phase);

struct Train {
  std::string id;
  std::optional<Schedule> schedule;  // absent: nobody trusted has made it
  std::vector<Seat> seats;           // the queue: in the order in which they came
  std::optional<Lock> lock;
  std::optional<Time> closed_since;  // locked by time before its departure was moved: that opens nothing
  Phase phase = Phase::open;
  std::int64_t last_index = -1;  // newest entry about it, for `append_event`
  std::vector<Remark> remarks;   // events that do not count, and why

  const Seat* find(std::string_view passenger) const;  // by id
  // Seats of that risk that take a limited place, `except` left out.
  std::uint64_t slots_taken(Risk risk, std::string_view except = {}) const;
  // When time alone locks the scope. The train must have a schedule.
  Time locks_at(const BoardingRules& rules) const;
  bool is_locked_at(Time now, const BoardingRules& rules) const;
};

// Somebody comes, leaves or moves, or the scope is locked anew.
struct ScopeChange {
  Time at;
  std::optional<std::uint64_t> exception;  // that it names, by its number
  std::optional<std::uint64_t> entry;      // of the log, that tells it; absent: it is still to be written
};
// What the locked scope of the train lacks for the change: "it names no exception". Empty where it is open.
std::string scope_objection(const Train& train, const Rulebook& book, const ScopeChange& change);

// Events in the order of the log; one that the rules forbid is passed over with a remark. After the lock, by
// manifest or by time, a passenger comes, moves or leaves, and another manifest is signed, only by an event
// that names an exception for the scope lock, in force at that time. A `departure` ships all who are aboard,
// and whom a rollback took back; a `rollback` takes back those that it names, or all.
Train fold_train(const TrainEvents& events, const Rulebook& book);
// One event more. Why it does not count, and then the train stays as it is; empty where it does.
std::string take_event(Train& train, const Event& event, const Rulebook& book);

// not_found where nobody trusted has made the train.
Result<Train> read_train(const evidence::Ledger& ledger, const evidence::Trust& trust, const Rulebook& book,
                         std::string_view id);
// All of them, the newest first.
Result<std::vector<Train>> read_trains(const evidence::Ledger& ledger, const evidence::Trust& trust,
                                       const Rulebook& book);

// The train that leaves next: of those that neither left nor were cancelled the one with the earliest
// departure. Null where there is none.
const Train* next_train(const std::vector<Train>& trains);

}  // namespace signalbox::train
