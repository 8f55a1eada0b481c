// What happened to a train from its making on, one line each, told by the log alone. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/train/events/event.hpp"

namespace signalbox::train::after {

inline constexpr std::size_t kMaxTimelineLines = 500;  // the newest

struct TimelineLine {
  std::uint64_t index = 0;  // in the log
  Time time;
  std::string by;  // key that signed it
  std::string text;
  Tone tone = Tone::plain;
  std::string kind;              // of the event, "step"
  std::string about;             // of an incident its id
  std::optional<Time> happened;  // of an incident when it began or was over, which is told later
};

// Oldest first. Entries that do not count are left out, and those that matter to a controller alone.
std::vector<TimelineLine> timeline_of(const TrainEvents& events);

Json to_json(const std::vector<TimelineLine>& timeline);

}  // namespace signalbox::train::after
