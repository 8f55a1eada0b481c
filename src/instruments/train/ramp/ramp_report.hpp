// A ramp as people and programs read it.
#pragma once

#include "core/report/report.hpp"
#include "instruments/train/ramp/ramp_state.hpp"

namespace signalbox::train::ramp {

// One line: "5 % since 12 s, 14m 48s left of the hold".
std::string standing_line(const Ramp& ramp, Time now);
// Phase, weights, the hold with its time left, what the judges said last, who acts, what to do. Verdict:
// pass, it has departed; fail, it is stuck or was taken back; warn, it is paused or going back; none
// otherwise.
Report ramp_report(const Ramp& ramp, Time now);
// The machine-readable part: member `data` of the report, and what /api/v1/train/trains/{id}/ramp answers.
Json ramp_data(const Ramp& ramp, Time now);

}  // namespace signalbox::train::ramp
