// What profiling costs: the target, and the machine beside it.
#pragma once

#include <cstdint>
#include <optional>

#include "core/base/result.hpp"
#include "instruments/profile/capture/perf_ring.hpp"

namespace signalbox::profile {

struct Overhead {
  // Processor time of the target that went into taking its samples; nullopt: it could not be measured.
  std::optional<std::int64_t> stolen_ns;
  std::int64_t beside_ns = 0;  // processor time of the profiler itself
  std::int64_t target_ns = 0;  // processor time of the target in the same time
  // Shares of the target's processor time; 0 where it had none.
  std::optional<double> stolen() const {
    return stolen_ns ? std::optional<double>(share(*stolen_ns)) : std::nullopt;
  }
  double beside() const { return share(beside_ns); }
  double share(std::int64_t ns) const {
    return target_ns > 0 ? static_cast<double>(ns) / static_cast<double>(target_ns) : 0;
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
