// Sampling by perf_event_open(2): an event of the kernel, and the ring of pages that its records come
// through.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "instruments/profile/capture/probe.hpp"

namespace signalbox::profile {

// The general registers of a thread at a sample, by perf's numbers of this architecture (PERF_REG_X86_*,
// PERF_REG_ARM64_*).
inline constexpr std::size_t kPerfRegisters = 33;
struct UserRegisters {
  std::array<std::uint64_t, kPerfRegisters> values{};
  bool known = false;  // false: the thread has no user part, or it is a 32-bit one
  bool has_fp = true;  // false: only the instruction and the stack pointer are known
};
#if defined(__aarch64__)
inline constexpr std::size_t kRegisterFp = 29;
inline constexpr std::size_t kRegisterLr = 30;
inline constexpr std::size_t kRegisterSp = 31;
inline constexpr std::size_t kRegisterIp = 32;
#else
inline constexpr std::size_t kRegisterFp = 6;
inline constexpr std::size_t kRegisterSp = 7;
inline constexpr std::size_t kRegisterIp = 8;
#endif

// What the kernel told. Views live until the next record is asked for.
struct SampleRecord {
  std::uint64_t time_ns = 0;  // CLOCK_MONOTONIC
  std::uint32_t pid = 0;
  std::uint32_t tid = 0;
  std::uint32_t cpu = 0;
  std::uint64_t period_ns = 0;  // of processor time
  std::uint64_t hits = 1;       // that it stands for
  bool in_kernel = false;
  std::span<const std::uint64_t> callchain;  // leaf first, with PERF_CONTEXT_* marks
  UserRegisters registers;
  std::string_view stack;  // octets from the stack pointer upward; empty where none were asked for
};
struct MapRecord {  // executable memory was mapped
  std::uint32_t pid = 0;
  std::uint64_t start = 0;
  std::uint64_t length = 0;
  std::uint64_t file_offset = 0;
  std::string_view path;
};
struct CommRecord {  // a thread has another name, or became another program
  std::uint32_t pid = 0;
  std::uint32_t tid = 0;
  bool is_exec = false;
  std::string_view name;
};
struct ForkRecord {
  std::uint32_t pid = 0;
  std::uint32_t parent_pid = 0;
  std::uint32_t tid = 0;
};
struct ExitRecord {
  std::uint32_t pid = 0;
  std::uint32_t tid = 0;
};
struct LostRecord {
  std::uint64_t count = 0;
};
struct ThrottleRecord {};
using PerfRecord =
    std::variant<SampleRecord, MapRecord, CommRecord, ForkRecord, ExitRecord, LostRecord, ThrottleRecord>;

// How user stacks come.
enum class UserStacks {
  frame_pointers,   // walked by the kernel
  registers_stack,  // registers and a copy of the top of the stack, to be unwound here
};

// When samples are taken.
enum class SampledAt {
  processor_time,  // after each `period` of it
  switches,        // each time that a thread leaves its processor
  hits,            // each time, or each `every`-th, that a thread comes by one of `places`
};

// Whom the event is of beside its thread, of what that makes later.
enum class Follows {
  nobody,
  threads,   // of its process alone; before Linux 5.13 nobody
  children,  // threads and processes
};

struct SamplingEvent {
  SampledAt at = SampledAt::processor_time;
  std::chrono::nanoseconds period{};  // of processor time of the target
  std::vector<ProbePlace> places;     // of SampledAt::hits
  std::uint64_t every = 1;
  bool kernel = true;  // kernel frames too; needs perf_event_paranoid <= 1 or CAP_PERFMON
  UserStacks stacks = UserStacks::frame_pointers;
  std::uint32_t stack_bytes = 0;  // of the copy; a multiple of 8, at most 65,528
  bool starts_at_exec = false;    // counts from the target's next exec on
  Follows follows = Follows::children;
  bool leaves_idle_out = false;  // no samples while a processor has nothing to do
  bool tells_changes = true;     // of memory, names, processes, too
};

// Whether each passing of its places gives one sample, whatever the kernel counts it as. Without it a passing
// that counts as many gives as many samples. Where more than each passing is asked for, who reads the samples
// has to take each `every`-th.
bool samples_each_passing(const SamplingEvent& event);

// Every thread of a processor, for `tid` of open_sampling_event.
inline constexpr std::int32_t kAllThreads = -1;

// Opens the event on thread `tid` while it runs on processor `cpu`. denied where the kernel's settings forbid
// it, not_found where the thread is gone, unavailable otherwise; the hint says what to do.
// `place`: which of its places, where it has some.
Result<FileDescriptor> open_sampling_event(const SamplingEvent& event, std::int32_t tid, int cpu,
                                           std::size_t place = 0);

// Whether an event of this kernel can follow the threads of one process alone (inherit_thread, Linux 5.13).
bool kernel_follows_threads();
// What a recording by this event has to say of whom it follows; empty: it is as was asked for.
std::string note_of_following(const SamplingEvent& event, bool kernel_follows_threads);

// The records of all events of one processor.
class PerfRing {
 public:
  // Maps 1 + `pages` pages of `event`, which others may be joined to. `pages` is a power of two.
  static Result<PerfRing> map(const FileDescriptor& event, std::size_t pages);
  PerfRing(PerfRing&& other) noexcept;
  PerfRing& operator=(PerfRing&&) = delete;
  ~PerfRing();

  Status join(const FileDescriptor& event) const;  // its records come here, too
  int descriptor() const { return descriptor_; }   // for poll(2)
  // Calls `take` with the octets of each record that is there, oldest first.
  void drain(const std::function<void(std::string_view record)>& take);

 private:
  PerfRing() = default;
  int descriptor_ = -1;
  void* base_ = nullptr;
  std::size_t mapped_bytes_ = 0;
  std::size_t page_bytes_ = 0;
  std::vector<char> straightened_;  // a record that wraps around the end
};

// When the record in `octets` was written; 0 where it is cut.
std::uint64_t time_of_record(std::string_view octets);
// The record in `octets`, which begins with its perf_event_header; nothing where it is of a kind that is not
// told here, or is cut. `how` says what its samples hold.
std::optional<PerfRecord> parse_perf_record(std::string_view octets, const SamplingEvent& how);

}  // namespace signalbox::profile
