#include "instruments/train/ramp/timetable.hpp"

namespace signalbox::train::ramp {

Timetable timetable_of(const TrainEvents& events) {
  Timetable out;
  for (const Event& event : events.events) {
    if (event.kind == "manifest") out.locked_head = event.predicate["head"].as_string();
    if (event.kind != "schedule") continue;
    if (event.predicate["action"].as_string() == "cancel") {
      out.is_cancelled = true;
      continue;
    }
    if (const auto departs = parse_rfc3339(event.predicate["departs"].as_string())) out.departs = *departs;
  }
  return out;
}

}  // namespace signalbox::train::ramp
