#include "instruments/profile/capture/overhead.hpp"

#include <algorithm>
#include <vector>

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "instruments/profile/capture/perf_sampler.hpp"

namespace signalbox::profile {
namespace {

constexpr std::chrono::microseconds kPeriod{100};
constexpr std::uint64_t kSpinNs = 8'000'000;
constexpr std::uint64_t kShortestGapNs = 400;    // reading the clock takes some 30 ns
constexpr std::uint64_t kLongestGapNs = 90'000;  // longer ones are the scheduler's

}  // namespace

std::int64_t own_cpu_ns() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

Result<std::int64_t> measure_sample_cost_ns(SamplingEvent event) {
  event.period = kPeriod;
  event.starts_at_exec = false;
  event.follows = Follows::nobody;
  SIGNALBOX_TRY(PerfSampler sampler,
                PerfSampler::start(event, {static_cast<std::int32_t>(::syscall(SYS_gettid))}));
  std::vector<std::uint64_t> gaps;
  const std::uint64_t end = monotonic_ns() + kSpinNs;
  for (std::uint64_t before = monotonic_ns(); before < end;) {
    const std::uint64_t now = monotonic_ns();
    if (now - before > kShortestGapNs && now - before < kLongestGapNs) gaps.push_back(now - before);
    before = now;
  }
  sampler.stop();
  std::size_t samples = 0;
  sampler.take(PerfSampler::Moment::last, [&](const PerfRecord& record) {
    samples += std::holds_alternative<SampleRecord>(record) ? 1 : 0;
  });
  if (gaps.empty() || samples == 0) return 0;
  // Other interruptions are few and short beside them: of as many gaps as there were samples, the longest.
  std::sort(gaps.begin(), gaps.end(), std::greater<>());
  gaps.resize(std::min(gaps.size(), samples));
  return static_cast<std::int64_t>(gaps[gaps.size() / 2]);
}

}  // namespace signalbox::profile
