// How sampling begins: which threads are targets, and the highest rung of the ladder that the kernel lets us
// stand on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/capture/kernel_walker.hpp"
#include "instruments/profile/capture/perf_sampler.hpp"
#include "instruments/profile/capture/session.hpp"

namespace signalbox::profile {

struct Targets {
  std::vector<std::int32_t> pids;
  std::vector<std::int32_t> tids;
};

std::vector<std::int32_t> threads_of_all(const std::vector<std::int32_t>& pids);
// The running processes that are asked for, and where they are wanted their descendants. not_found where one
// ended, or all of those that may.
Result<Targets> find_targets(const RecordRequest& request);
// Those of them that the kernel lets us sample at all: of another user's processes it may not.
Targets that_may_be_opened(const Targets& targets);

struct Started {
  PerfSampler sampler;
  std::optional<PerfSampler> switches;   // of Mode::wall; of Mode::off_cpu it is `sampler`
  std::unique_ptr<KernelWalker> walker;  // null: stacks are walked elsewhere
  std::string rung;
  std::vector<std::string> notes;  // why no higher one
};

// The threads of the target at the moment when it is called.
using ThreadsNow = std::function<std::vector<std::int32_t>()>;

// Samples of all of them, by the highest rung; the error of the first one where there is none. `places`: of
// the probe that is asked for, whose stacks no program in the kernel walks: it would run at the hits of all
// events.
Result<Started> start_sampler(const RecordRequest& request, const ThreadsNow& threads,
                              const std::vector<ProbePlace>& places = {});
// What tells of waits: the program in the kernel watches the scheduler from here on; events of the threads
// give it, or us, the stacks.
Result<Started> start_waits(const RecordRequest& request, const ThreadsNow& threads);

}  // namespace signalbox::profile
