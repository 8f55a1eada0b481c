// speedscope's file format (www.speedscope.app/file-format-schema.json): JSON, a profile for each thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// Column `value`, one "sampled" profile a thread, its samples by time; the weights add up to its endValue.
// Annotations are a member of their own, which the schema allows.
std::string write_speedscope(const Profile& profile, std::size_t value);

// "sampled" and "evented" profiles, each a thread. Times become nanoseconds; the one column is ("time",
// "nanoseconds"), ("space", "bytes") or ("samples", "count") as the first profile has it; profiles of another
// kind are left out with a note. bad_input names the place in the JSON.
Result<Profile> read_speedscope(std::string_view octets, std::vector<std::string>& notes);

}  // namespace signalbox::profile
