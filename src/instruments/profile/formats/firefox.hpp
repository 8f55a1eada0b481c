// The processed profiles of the Firefox Profiler (profiler.firefox.com): JSON of tables by column.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// The layout that is written: one table of texts for all threads, everything else by thread. The viewer
// brings it up to its own.
inline constexpr int kFirefoxVersion = 56;

// Column `value`. Nanoseconds are weights in milliseconds; samples without a time follow each other, each as
// long as its weight, or one period.
std::string write_firefox(const Profile& profile, std::size_t value);

// Layouts 24 to 70, so also what samply writes: tables by thread or shared, texts by thread or shared, stacks
// by prefix or by its offset, times or their differences. Columns: ("samples", "count"), and where threads
// have weights in milliseconds or bytes ("time", "nanoseconds") or ("space", "bytes"). bad_input names the
// place.
Result<Profile> read_firefox(std::string_view octets);

}  // namespace signalbox::profile
