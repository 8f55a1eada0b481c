// The text that `perf script` prints: a line for each sample, below it its frames, leaf first, then an empty
// line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "instruments/profile/formats/skipped.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// What is not in the profile.
struct PerfScriptNotes {
  SkippedLines skipped;
  std::string event;  // whose samples were read: the first one met
  std::uint64_t samples_of_other_events = 0;
};

// Columns: ("samples", "count") and, where the text tells periods, one named for the event; cpu-clock and
// task-clock are ("cpu", "nanoseconds"). Addresses and names are as printed, "[unknown]" is a frame without a
// function. "a->b" in a file of a JIT is b inlined into a. bad_input where there is no sample.
Result<Profile> read_perf_script(std::string_view octets, PerfScriptNotes& notes);

// What the periods of an event of perf count: "cpu-clock:u" is processor time.
ValueType value_type_of_event(std::string_view event);

// Whether a line can begin a sample, for finding out what a text is.
bool is_perf_script_header(std::string_view line);

}  // namespace signalbox::profile
