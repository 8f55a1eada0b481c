// Turns the records of a sampler into stacks of addresses.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "instruments/profile/capture/code_table.hpp"
#include "instruments/profile/capture/kernel_walker.hpp"
#include "instruments/profile/capture/perf_ring.hpp"
#include "instruments/profile/capture/raw_profile.hpp"
#include "instruments/profile/capture/truncations.hpp"
#include "instruments/profile/elf/address_space.hpp"
#include "instruments/profile/elf/unwinder.hpp"

namespace signalbox::profile {

// How true a recording is.
struct RecordingQuality {
  std::int64_t samples = 0;
  std::int64_t hits = 0;       // that they stand for, where a place is come by
  std::int64_t complete = 0;   // of them, stacks that reach the bottom
  Truncations truncated;       // of them, stacks that end early
  std::int64_t lost = 0;       // beside them, samples that the kernel had no room for
  std::int64_t throttled = 0;  // times that the kernel sampled more slowly
  std::int64_t cpu_ns = 0;     // that the samples stand for
  std::int64_t waits = 0;      // that were told of, beside samples
};

struct RecordedThread {
  std::int32_t pid = 0;
  std::int32_t tid = 0;
  std::string name;
  std::string process;
};

class Recorder {
 public:
  // Samples count their time from `start_ns` (CLOCK_MONOTONIC) on; earlier ones are left out.
  explicit Recorder(std::uint64_t start_ns) : start_ns_(start_ns) {}

  // What is mapped in a running process, before its first sample; nothing where it is gone.
  void learn_process(std::int32_t pid);
  // The same of one that is no target, and woke one: nothing else is told of it.
  void learn_waker(std::int32_t pid);
  void take(const PerfRecord& record);
  // A sample with a copy of the stack, and what its thread is in of Python at the same moment.
  void take(const SampleRecord& sample, const PythonStack& python);
  // A sample that the kernel walked; it stands for `period` of processor time, or for so many hits.
  void take(const WalkedSample& sample, std::chrono::nanoseconds period, std::int64_t hits = 1);
  // The stack of a wait that will be told of.
  void learn_stack(const WalkedSample& sample);
  // For who keeps account of waits. The stack of a record, as a node of raw().
  std::uint32_t stack_of(const SampleRecord& sample, const PythonStack& python = {});
  std::optional<std::uint32_t> known_stack(std::uint64_t stack) const;  // that the kernel walked, by its name
  std::uint32_t thread(std::int32_t pid, std::int32_t tid);             // index into threads()
  // The outermost frame of a stack that ends early, which is counted.
  std::uint32_t truncated(Truncation why);
  RawProfile& raw() { return raw_; }
  RecordingQuality& quality() { return quality_; }
  // Processes whose memory is another since this was last asked.
  std::vector<std::int32_t> take_changed();
  // Processes whose main thread ended since this was last asked.
  std::vector<std::int32_t> take_ended() { return std::exchange(ended_, {}); }
  const AddressSpace* space_of(std::int32_t pid) const;  // null: it was never seen

  // What is known of processes that run Python; the program in the kernel is to be told of it.
  PythonStacks& python() { return python_; }

  const RawProfile& raw() const { return raw_; }
  std::vector<RawSample> take_samples() { return raw_.take_samples(); }
  const CodeTable& code() const { return code_; }
  const std::vector<RecordedThread>& threads() const { return threads_; }
  const RecordingQuality& quality() const { return quality_; }
  std::pair<RawProfile, CodeTable> finish() && { return {std::move(raw_), std::move(code_)}; }
  // All processes that were seen, in the order they came.
  const std::vector<std::int32_t>& processes() const { return process_order_; }

 private:
  struct Process {
    std::string name;
    AddressSpace space;
    std::uint64_t learn_again_ns = 0;  // not before
  };
  Process& process(std::int32_t pid);
  void map(std::int32_t pid, std::uint64_t start, std::uint64_t limit, std::uint64_t file_offset,
           const std::string& path);
  void note_change(std::int32_t pid);
  void take_sample(const SampleRecord& sample, const PythonStack& python = {});
  void add(std::uint32_t stack, std::uint32_t thread, std::uint64_t time_ns, std::int64_t cpu_ns,
           std::int64_t hits = 1);
  std::uint32_t with_kernel_frames(std::uint32_t stack, std::span<const std::uint64_t> kernel);
  std::uint32_t walked_stack(const SampleRecord& sample, const Process& process);
  std::uint32_t kernel_walked_stack(const WalkedSample& sample);
  std::uint32_t merged_stack(std::uint32_t outer, std::int32_t pid, const PythonStack& python,
                             const std::vector<RawFrame>& machine);
  std::uint32_t unwound_stack(const SampleRecord& sample, Process& process, const PythonStack& python);
  RawFrame frame_at(const Process& process, std::uint64_t address, bool is_return_address) const;

  std::uint64_t start_ns_;
  CodeTable code_;
  RawProfile raw_;
  PythonStacks python_;
  std::unordered_map<std::int32_t, Process> processes_;
  std::vector<std::int32_t> process_order_;
  std::unordered_map<std::int32_t, AddressSpace> wakers_;            // that are no targets
  std::unordered_map<std::uint64_t, std::uint32_t> thread_numbers_;  // by pid and tid
  std::vector<RecordedThread> threads_;
  std::unordered_map<std::uint64_t, std::string> thread_names_;
  RecordingQuality quality_;
  std::vector<UnwoundFrame> unwound_;  // of the sample at hand
  std::vector<std::int32_t> changed_;
  std::vector<std::int32_t> ended_;
  std::unordered_map<std::uint64_t, std::uint32_t> walked_;  // stacks that the kernel named, as nodes of raw_
};

}  // namespace signalbox::profile
