// V8's .cpuprofile: JSON of `node --cpu-prof` and of Chrome's developer tools, also as they were before 2016.
#pragma once

#include <string_view>

#include "core/base/result.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// Columns ("samples", "count") and ("wall", "nanoseconds"): a sample lasts until the next one. Where there
// are no samples, the counts of the nodes, and no times. "(root)" is left out; "(idle)", "(program)" and
// "(garbage collector)" are synthetic. bad_input names the place in the JSON.
Result<Profile> read_cpuprofile(std::string_view octets);

}  // namespace signalbox::profile
