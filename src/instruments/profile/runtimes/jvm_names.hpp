// Names of the code that a JVM compiled, asked for while it runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "instruments/profile/runtimes/jit_names.hpp"
#include "instruments/profile/runtimes/jvm_attach.hpp"

namespace signalbox::profile {

enum class Asking { first, again };

// Has a HotSpot JVM of Java 17 or newer write /tmp/perf-PID.map anew, which read_perf_map reads then. What
// stands in the way is said; the first time also that compiled code keeps no frame pointers. Nothing for
// other processes. `patience` is for each of its answers, of which there are two at most.
std::vector<RuntimeNote> ask_jvm_for_names(std::int32_t pid, Asking asking,
                                           std::chrono::milliseconds patience = kUsualJvmPatience);

}  // namespace signalbox::profile
