// Names for what was recorded.
#pragma once

#include "instruments/profile/capture/annotations.hpp"
#include "instruments/profile/capture/session.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// The recording as a profile: columns ("samples", "count") and ("cpu", "nanoseconds"), samples with their
// times, functions with their inlined ones, the kernel's and those of runtimes.
Profile named_profile(const Recording& recording, Annotations annotations);

}  // namespace signalbox::profile
