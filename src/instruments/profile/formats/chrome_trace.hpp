// Trace events, as chrome://tracing, Perfetto and many tools write them: JSON.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// Durations ("X", and "B" with its "E") of each thread, nested by time: the one column is ("wall",
// "nanoseconds"), a stack's own time. A list that is cut off is read as far as it goes, as the format allows.
// An end without a beginning is left out with a note. bad_input where no duration is there.
Result<Profile> read_chrome_trace(std::string_view octets, std::vector<std::string>& notes);

}  // namespace signalbox::profile
