// What the kernel keeps of threads that do not run at this moment: where their user part goes on. Reading it
// neither stops nor signals them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/capture/perf_ring.hpp"

namespace signalbox::profile {

struct ThreadMoment {
  std::int32_t tid = 0;
  bool runs = false;                  // on a processor, or about to: where it is, is not known
  UserRegisters registers;            // instruction, stack and, where has_fp, frame pointer; no others
  std::uint64_t switches = 0;         // how often it left a processor: the same twice, it did not run between
  std::int64_t system_call = -1;      // that it is in; negative: none
  std::vector<std::uint64_t> kernel;  // its stack in the kernel, leaf first; empty: not known

  // Whether it did not move from one to the other.
  bool is_at_rest_since(const ThreadMoment& before) const;
};

class ThreadReader {
 public:
  // The program in the kernel (root, or CAP_BPF and CAP_PERFMON, Linux 5.15), which has all registers; not
  // within a namespace of processes.
  static Result<std::unique_ptr<ThreadReader>> in_kernel();
  // /proc/PID/task/TID/syscall: without frame pointers and without the kernel's part.
  static std::unique_ptr<ThreadReader> by_proc();

  virtual ~ThreadReader() = default;
  // All threads of a process, now. not_found where it is gone, denied where it may not be looked into.
  virtual Result<std::vector<ThreadMoment>> read(std::int32_t pid) = 0;
  virtual std::string_view how() const = 0;
};

// A line of /proc/PID/task/TID/syscall: "running", "-1 SP PC" outside of system calls, "NUMBER six arguments
// SP PC". Nothing where it is none of these.
std::optional<ThreadMoment> parse_system_call(std::string_view line);
// The two numbers of context switches in /proc/PID/task/TID/status, added.
std::uint64_t parse_switches(std::string_view status);

}  // namespace signalbox::profile
