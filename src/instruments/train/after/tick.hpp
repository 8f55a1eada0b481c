// Steps of the runbook that people do and of which the log knows nothing itself: events of kind `tick`.
#pragma once

#include <map>
#include <string>

#include "instruments/train/events/event.hpp"

namespace signalbox::train::after {

inline constexpr std::size_t kMaxTickNoteBytes = 2'000;

struct TickEvent {
  enum class What { done, undone } what = What::done;
  std::string step;  // its id in the runbook: "readout"
  std::string note;  // what was seen; of an undone why, and never empty
};
Json to_json(const TickEvent& event);
// bad_input naming the member that is missing or wrong.
Result<TickEvent> read_tick_event(const Json& predicate);

// "readout", "smoke-2": [a-z0-9-]{1,64}
Status check_step_id(std::string_view id);

// A step that somebody has done.
struct Tick {
  std::string by, note;  // key that signed it
  Time time;
  std::uint64_t index = 0;  // in the log
};
// Those that stand, by step: the newest event of each decides.
std::map<std::string, Tick> fold_ticks(const TrainEvents& events);

}  // namespace signalbox::train::after
