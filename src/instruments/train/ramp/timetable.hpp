// What a departure needs of a train's schedule and manifest.
#pragma once

#include <optional>
#include <string>

#include "instruments/train/events/event.hpp"

namespace signalbox::train::ramp {

struct Timetable {
  std::optional<Time> departs;  // absent: nobody has scheduled it
  bool is_cancelled = false;
  std::string locked_head;  // the commit of its newest manifest; empty: it is not locked
};
// Of events `schedule` and `manifest`; what cannot be read does not count.
Timetable timetable_of(const TrainEvents& events);

}  // namespace signalbox::train::ramp
