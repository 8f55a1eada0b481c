// What `perf record` writes, with names from the files of this machine.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

bool is_perf_data(std::string_view octets);

// Columns as of the text of perf script: ("samples", "count") and, where samples have periods, one named for
// the event. Samples of the first event that has any. Functions are named by the files that were mapped,
// where they are here and have the same build id, and by this kernel's symbols where it is the same kernel.
// Where the recording tells no build id of a file, the one that is here names its functions, which `notes`
// say, for people, as all else that is not in the profile. "[lost]" are samples that the kernel counted as
// lost, each for the mean of those that came. Stacks are those the kernel walked: a copy of the stack is not
// unwound. Compressed records may expand to `max_bytes`. bad_input names the offset.
Result<Profile> read_perf_data(std::string_view octets, std::size_t max_bytes,
                               std::vector<std::string>& notes);

}  // namespace signalbox::profile
