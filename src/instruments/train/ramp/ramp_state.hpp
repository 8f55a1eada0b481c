// Where a ramp stands: the fold of its events. Pure, and the only place that says what an event means.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "instruments/train/events/event.hpp"
#include "instruments/train/ramp/ramp_event.hpp"

namespace signalbox::train::ramp {

inline constexpr std::string_view kApprover = "approver";  // the role whose word ends a stuck ramp

struct Lease {
  std::uint64_t token = 0;  // log index of its `take`
  Holder holder;
  std::string signer;  // key of the holder
  Time taken, expires;
  Time silent_since;  // newest sign of a controller before it was taken
  Json watched;       // what the judges said at its last renewal
};

// A call that was announced and of whose end the log knows nothing.
struct OpenCall {
  Call call = Call::set_weight;
  std::string step;
  int weight = 0;
  Time since;
};

struct Pause {
  Time since;
  std::string reason, why;
};

// A weight while it is held.
struct Hold {
  std::size_t weight_index = 0;         // in the plan
  Time start;                           // of the outcome that set the weight
  Duration ran{};                       // until the newest pause
  std::optional<Time> running_since;    // absent: it is paused
  std::optional<Pause> stopped;         // by what was seen; a person's pause is in the ramp
  Duration held_until(Time now) const;  // without pauses
};

// A weight that was held, as train/canary/v1 tells it.
struct HeldWeight {
  int weight = 0;
  Time start, end;
  Json metrics;  // a list, may be empty
  bool passed = false;
};

struct Breach {
  std::string reason, why;
  Time detected;
};

// countdown: no traffic yet; ramping: some; promoting: all of it is ordered; going_back: it is taken back.
// The last four end an attempt; stuck: taking it back has failed, and a person must act.
enum class Phase { none, countdown, ramping, promoting, going_back, departed, rolled_back, aborted, stuck };
std::string_view name_of(Phase phase);  // "going-back"
bool is_over(Phase phase);              // nothing more is done by itself

struct Ramp {
  std::string train;
  std::int64_t last_index = -1;  // newest entry about the train
  Phase phase = Phase::none;
  std::string attempt;  // log index of its begin
  Time begun_at;
  std::string begun_by;
  Begin begun;
  std::optional<Lease> lease;  // the newest, whether it has expired or not
  std::optional<OpenCall> open;
  std::map<std::string, int> failures;  // of calls, by step
  std::optional<Time> last_failure;
  bool has_baseline = false, is_announced = false;
  Json baseline;                   // what the snapshot found; null: nothing
  bool has_moved_traffic = false;  // a weight was ordered, whether it came about or not
  std::size_t next_weight = 0;     // of the plan; as many as there are: promotion
  int weight = 0;                  // that the candidate has, as far as the log knows
  std::optional<Hold> hold;
  std::optional<Pause> ordered_pause;  // by a person
  std::vector<HeldWeight> held;
  std::optional<Breach> breach;
  std::optional<Time> promoted_at, reverted_at;
  std::string put_right_by;  // who took the traffic back by hand, and why; empty: the driver did
  bool is_tagged = false, has_canary = false;
  std::vector<std::string> manual_steps;  // where it is stuck
  Time last_acted;                        // newest event of a controller
  std::vector<Remark> ignored;
  std::vector<std::uint64_t> ignored_indexes;  // of the same entries

  std::string step_id(Call call, int to_weight = 0) const;  // "41.set-25", "41.promote"
};

// Events of other kinds are passed over; those that contradict what came before are ignored, with a remark: a
// step under another token than the newest lease's, a second begin while one is under way.
Ramp fold(const TrainEvents& events);

}  // namespace signalbox::train::ramp
