// Samples threads by perf_event_open: one event for each thread and processor, one ring for each processor.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "instruments/profile/capture/perf_ring.hpp"
#include "instruments/profile/capture/record_queue.hpp"

namespace signalbox::profile {

// Takes each `every`-th of the samples that the kernel took of each passing.
class Thinning {
 public:
  explicit Thinning(std::uint64_t every) : every_(every) {}
  // Of lost ones, too: what stays of `record` counts those that would have been kept.
  bool keeps(PerfRecord& record);

 private:
  std::uint64_t every_;
  std::uint64_t passed_ = 0;
  std::uint64_t lost_ = 0;
};

class PerfSampler {
 public:
  // Begins to sample these threads, and what they start; {kAllThreads}: all of the machine. A thread that
  // ended meanwhile is left out; not_found where all have. What fails otherwise is as open_sampling_event and
  // PerfRing::map say.
  static Result<PerfSampler> start(const SamplingEvent& event, const std::vector<std::int32_t>& tids);

  // Waits until records came, `descriptor` (-1: none) is readable, or the time is over.
  void wait(std::chrono::milliseconds at_most, int descriptor) const;
  // What happened up to now, in order. `last`: nothing comes after it.
  enum class Moment { running, last };
  void take(Moment moment, const std::function<void(const PerfRecord&)>& take);
  void stop();  // samples no more; what is in the rings stays to be taken

  const std::vector<FileDescriptor>& events() const { return events_; }
  const SamplingEvent& event() const { return event_; }
  std::size_t ring_bytes() const { return ring_bytes_; }  // of each processor

 private:
  explicit PerfSampler(SamplingEvent event)
      : event_(std::move(event)), thinning_(samples_each_passing(event_) ? event_.every : 1) {}
  Status open(const std::vector<std::int32_t>& tids, const std::vector<int>& cpus);
  Status map_ring(const FileDescriptor& event, std::size_t processors);

  SamplingEvent event_;
  std::vector<FileDescriptor> events_;
  std::vector<PerfRing> rings_;
  std::size_t ring_bytes_ = 0;
  RecordQueue queue_;
  Thinning thinning_;
};

// The processors that are in use, from /sys.
Result<std::vector<int>> online_processors();
// "0-3,8" as a list; empty where it is none.
std::vector<int> parse_processor_list(std::string_view text);

// Nanoseconds of CLOCK_MONOTONIC, which records are stamped with.
std::uint64_t monotonic_ns();

}  // namespace signalbox::profile
