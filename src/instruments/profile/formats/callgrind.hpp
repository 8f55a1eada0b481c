// Callgrind's profile format (valgrind.org/docs/manual/cl-format.html), for kcachegrind and
// callgrind_annotate.
#pragma once

#include <string>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// Every column is an event, the default one first. A call's inclusive cost is counted once for each stack, so
// recursion does not inflate it; how often a function was called is not known: each call counts 1.
std::string write_callgrind(const Profile& profile);

}  // namespace signalbox::profile
