// What profiling costs: the target, and the machine beside it.
#pragma once

#include <cstdint>

#include "core/base/result.hpp"
#include "instruments/profile/capture/perf_ring.hpp"

namespace signalbox::profile {

struct Overhead {
  std::int64_t stolen_ns = 0;  // processor time of the target that went into taking its samples
  std::int64_t beside_ns = 0;  // processor time of the profiler itself
  std::int64_t target_ns = 0;  // processor time of the target in the same time
  // Shares of the target's processor time; 0 where it had none.
  double stolen() const {
    return target_ns > 0 ? static_cast<double>(stolen_ns) / static_cast<double>(target_ns) : 0;
  }
  double beside() const {
    return target_ns > 0 ? static_cast<double>(beside_ns) / static_cast<double>(target_ns) : 0;
  }
};

// What one sample takes from the thread that is sampled, in nanoseconds: this thread is sampled that way at
// 10 kHz for a few milliseconds while it reads its clock, and the gaps are the samples. A median, so that
// other interruptions do not count. Stacks of a target may be deeper than ours: by frame pointers that costs
// little, a copy of the stack costs what its octets take.
Result<std::int64_t> measure_sample_cost_ns(SamplingEvent event);

// Processor time of this process, all its threads, so far.
std::int64_t own_cpu_ns();

}  // namespace signalbox::profile
