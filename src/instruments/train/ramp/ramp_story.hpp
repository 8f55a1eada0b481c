// How a ramp came to where it stands: what its judges said over time, and what happened, one line each. Pure.
#pragma once

#include <optional>
#include <string>

#include "core/report/report.hpp"
#include "instruments/train/ramp/ramp_state.hpp"

namespace signalbox::train::ramp {

inline constexpr std::size_t kMaxLooks = 2'000;     // the newest
inline constexpr std::size_t kMaxStoryLines = 500;  // the newest

// One event of a ramp in words.
struct StoryLine {
  std::string text;
  Tone tone = Tone::plain;
};
// Nothing where it is of another kind, cannot be read, or matters to a controller alone.
std::optional<StoryLine> story_line(const Event& event);

// What the judges said at each renewal of the lease, and at the end of each weight, of the newest attempt,
// oldest first: [{"time", "weight", "metrics": [{"name", "judge", "verdict", "why", figures …}]}].
Json looks_json(const TrainEvents& events, const Ramp& ramp);

// What happened in the newest attempt, oldest first: [{"index", "time", "by", "text", "tone"}]. Entries that
// do not count are left out. `tone`: plain, good, caution or bad.
Json story_json(const TrainEvents& events, const Ramp& ramp);

}  // namespace signalbox::train::ramp
