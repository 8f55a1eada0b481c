#include "instruments/profile/capture/perf_sampler.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

namespace signalbox::profile {
namespace {

// Ring sizes to try, in pages: what root is given, then what perf_event_mlock_kb leaves to others.
constexpr std::size_t kRingPages[] = {16384, 4096, 1024, 256, 64, 16};
constexpr std::size_t kMaxRingBytes = std::size_t{128} << 20;  // of all processors
constexpr std::uint64_t kSettlingNs =
    2'000'000;  // a record that is being written lies in its ring after this
constexpr int kMaxProcessors = 8'192;

// Two thousand threads on two processors want four thousand descriptors: as many as we may have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

std::uint64_t monotonic_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<std::uint64_t>(now.tv_nsec);
}

std::vector<int> parse_processor_list(std::string_view text) {
  std::vector<int> out;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    int first = 0;
    auto parsed = std::from_chars(at, end, first);
    if (parsed.ec != std::errc{}) break;
    int last = first;
    if (parsed.ptr < end && *parsed.ptr == '-') {
      parsed = std::from_chars(parsed.ptr + 1, end, last);
      if (parsed.ec != std::errc{}) break;
    }
    if (first < 0 || last >= kMaxProcessors) break;
    for (int cpu = first; cpu <= last; ++cpu) out.push_back(cpu);
    at = parsed.ptr + 1;
  }
  return out;
}

Result<std::vector<int>> online_processors() {
  SIGNALBOX_TRY(const std::string text, read_file("/sys/devices/system/cpu/online"));
  std::vector<int> out = parse_processor_list(text);
  if (out.empty()) return fail(ErrorKind::unavailable, "/sys/devices/system/cpu/online lists no processor");
  return out;
}

Result<PerfSampler> PerfSampler::start(const SamplingEvent& event, const std::vector<std::int32_t>& tids) {
  SIGNALBOX_TRY(const std::vector<int> cpus, online_processors());
  raise_descriptor_limit();
  PerfSampler out(event);
  SIGNALBOX_CHECK(out.open(tids, cpus));
  return out;
}

Status PerfSampler::open(const std::vector<std::int32_t>& tids, const std::vector<int>& cpus) {
  // All events of a thread, then those of the next: what a thread starts before it has them inherits none.
  // Rings take longer, and come later.
  std::vector<std::vector<FileDescriptor>> opened(cpus.size());
  const std::size_t places = std::max<std::size_t>(1, event_.places.size());
  for (const std::int32_t tid : tids) {
    for (std::size_t i = 0; i < cpus.size() * places; ++i) {
      const std::size_t cpu = i / places;
      auto event = open_sampling_event(event_, tid, cpus[cpu], i % places);
      if (!event && event.error().kind == ErrorKind::not_found) continue;
      if (!event) return fail(std::move(event).error());
      opened[cpu].push_back(std::move(*event));
    }
  }
  for (std::vector<FileDescriptor>& of_processor : opened) {
    if (of_processor.empty()) continue;
    SIGNALBOX_CHECK(map_ring(of_processor.front(), cpus.size()));
    for (std::size_t i = 1; i < of_processor.size(); ++i)
      SIGNALBOX_CHECK(rings_.back().join(of_processor[i]));
    std::move(of_processor.begin(), of_processor.end(), std::back_inserter(events_));
  }
  if (events_.empty()) return fail(ErrorKind::not_found, "the target ended before it could be sampled");
  return {};
}

// The largest that the kernel gives, and none larger than those before.
Status PerfSampler::map_ring(const FileDescriptor& event, std::size_t processors) {
  Status mapped = fail(ErrorKind::internal, "no ring size was tried");
  for (const std::size_t pages : kRingPages) {
    const std::size_t bytes = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    // Samples of time come one after the other; hits may come all at once.
    if (pages == kRingPages[0] && event_.at != SampledAt::hits) continue;
    if ((ring_bytes_ != 0 && bytes > ring_bytes_) || bytes * processors > kMaxRingBytes) continue;
    auto made = PerfRing::map(event, pages);
    mapped = made ? Status() : fail(made.error());
    if (!made) continue;
    ring_bytes_ = bytes;
    rings_.push_back(std::move(*made));
    break;
  }
  return mapped;
}

void PerfSampler::wait(std::chrono::milliseconds at_most, int descriptor) const {
  std::vector<pollfd> wanted;
  for (const PerfRing& ring : rings_) wanted.push_back({ring.descriptor(), POLLIN, 0});
  if (descriptor >= 0) wanted.push_back({descriptor, POLLIN, 0});
  // All threads gone: every ring hangs up, and poll would not wait.
  if (::poll(wanted.data(), wanted.size(), 0) > 0) {
    bool is_news = false;
    for (pollfd& one : wanted) {
      is_news = is_news || (one.revents & POLLIN) != 0;
      if ((one.revents & POLLHUP) != 0) one.fd = -1;
    }
    if (is_news) return;
  }
  ::poll(wanted.data(), wanted.size(), static_cast<int>(at_most.count()));
}

bool Thinning::keeps(PerfRecord& record) {
  if (every_ == 1) return true;
  if (std::holds_alternative<SampleRecord>(record)) return ++passed_ % every_ == 0;
  if (auto* const lost = std::get_if<LostRecord>(&record)) {
    lost_ += lost->count;
    lost->count = lost_ / every_;
    lost_ %= every_;
    return lost->count > 0;
  }
  return true;
}

void PerfSampler::take(Moment moment, const std::function<void(const PerfRecord&)>& take) {
  const std::uint64_t until = moment == Moment::last ? UINT64_MAX : monotonic_ns() - kSettlingNs;
  for (PerfRing& ring : rings_)
    ring.drain([&](std::string_view record) { queue_.put(time_of_record(record), record); });
  queue_.take_until(until, [&](std::string_view record) {
    auto parsed = parse_perf_record(record, event_);
    if (parsed && thinning_.keeps(*parsed)) take(*parsed);
  });
}

void PerfSampler::stop() {
  for (const FileDescriptor& event : events_) ::ioctl(event.get(), PERF_EVENT_IOC_DISABLE, 0);
}

}  // namespace signalbox::profile
