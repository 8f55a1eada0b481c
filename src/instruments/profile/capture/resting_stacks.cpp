#include "instruments/profile/capture/resting_stacks.hpp"

#include <algorithm>
#include <unordered_map>

#include <linux/perf_event.h>

#include "instruments/profile/capture/perf_sampler.hpp"
#include "instruments/profile/capture/proc.hpp"

namespace signalbox::profile {
namespace {

constexpr std::uint64_t kMaxStackBytes = 1 << 20;  // of a thread, from its stack pointer up

// Octets of a process from its stack pointer to where its stack's memory ends; empty where none lie there.
Result<std::string> stack_of(std::int32_t pid, const std::vector<MemoryRegion>& memory, std::uint64_t sp) {
  const auto region = std::find_if(memory.begin(), memory.end(), [&](const MemoryRegion& each) {
    return each.start <= sp && sp < each.limit;
  });
  if (region == memory.end()) return std::string();
  return memory_of(pid, sp, std::min(region->limit - sp, kMaxStackBytes));
}

}  // namespace

Result<RestingStacks> RestingStacks::copy(std::int32_t pid, const std::vector<ThreadMoment>& moments,
                                          const std::function<bool(std::int32_t)>& is_wanted,
                                          const std::function<void(std::int32_t)>& copied) {
  SIGNALBOX_TRY(const std::vector<MemoryRegion> memory, memory_map_of(pid));
  RestingStacks out;
  out.pid_ = pid;
  for (const ThreadMoment& moment : moments) {
    if (moment.runs || !is_wanted(moment.tid)) continue;
    SIGNALBOX_TRY(std::string octets, stack_of(pid, memory, moment.registers.values[kRegisterSp]));
    out.copies_.push_back({moment, std::move(octets)});
    if (copied) copied(moment.tid);
  }
  out.time_ns_ = monotonic_ns();
  return out;
}

Result<std::vector<std::int32_t>> RestingStacks::take(
    ThreadReader& reader, bool with_kernel,
    const std::function<void(const ThreadMoment&, const SampleRecord&)>& take) const {
  std::vector<std::int32_t> torn;
  if (copies_.empty()) return torn;
  SIGNALBOX_TRY(const std::vector<ThreadMoment> after, reader.read(pid_));
  std::unordered_map<std::int32_t, const ThreadMoment*> later;
  for (const ThreadMoment& moment : after) later[moment.tid] = &moment;
  for (const Copy& copy : copies_) {
    const ThreadMoment& moment = copy.moment;
    const auto now = later.find(moment.tid);
    if (now == later.end() || !now->second->is_at_rest_since(moment)) {
      torn.push_back(moment.tid);
      continue;
    }
    std::vector<std::uint64_t> callchain;
    if (with_kernel && !moment.kernel.empty()) {
      callchain.push_back(PERF_CONTEXT_KERNEL);
      callchain.insert(callchain.end(), moment.kernel.begin(), moment.kernel.end());
    }
    SampleRecord sample;
    sample.time_ns = time_ns_;
    sample.pid = static_cast<std::uint32_t>(pid_);
    sample.tid = static_cast<std::uint32_t>(moment.tid);
    sample.callchain = callchain;
    sample.registers = moment.registers;
    sample.stack = copy.octets;
    take(moment, sample);
  }
  return torn;
}

}  // namespace signalbox::profile
