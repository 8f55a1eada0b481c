// What /proc tells of processes.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::profile {

// A line of /proc/PID/maps that may hold code.
struct MemoryRegion {
  std::uint64_t start = 0;
  std::uint64_t limit = 0;
  std::uint64_t file_offset = 0;
  bool executable = false;
  std::string path;  // as the kernel writes it, without " (deleted)"; "[vdso]", "//anon", empty: no file
  bool is_deleted = false;
};

// All lines of a maps file; lines that are none are left out.
std::vector<MemoryRegion> parse_memory_map(std::string_view text);
// not_found where the process is gone, denied where it may not be looked into.
Result<std::vector<MemoryRegion>> memory_map_of(std::int32_t pid);

// Octets of another process' memory, without stopping it: fewer where the rest cannot be read, empty where
// nothing lies there. not_found and denied as above.
Result<std::string> memory_of(std::int32_t pid, std::uint64_t start, std::uint64_t bytes);

// denied: the kernel keeps this process from us. The hint says what helps.
Error may_not_be_looked_into(std::int32_t pid);

// not_found where the process is gone.
Result<std::vector<std::int32_t>> threads_of(std::int32_t pid);
// Gone, or to be reaped; not where only the first thread ended, and others go on.
bool has_ended(std::int32_t pid);
// Children of these, their children …, each once; not these themselves.
std::vector<std::int32_t> descendants_of(std::span<const std::int32_t> roots);
std::string comm_of(std::int32_t pid, std::int32_t tid);  // "" where it is gone
std::vector<std::string> command_of(std::int32_t pid);  // its argv; empty where it is gone or a kernel thread
std::vector<std::int32_t> all_processes();
// unavailable within a namespace of processes: programs in the kernel speak of them by its own numbers, and
// one of ours is another process' there.
Status numbers_are_the_kernels();

struct ProcessTimes {
  std::chrono::nanoseconds user{};
  std::chrono::nanoseconds system{};
  std::chrono::nanoseconds of_ended_children{};  // user and system of those that were waited for
  char state = '?';                              // 'R', 'S', 'D', 'Z' …
  std::int32_t parent = 0;
  std::chrono::nanoseconds started{};  // since the machine started; 0: not said
};
// The first line of /proc/stat: time of all processors that was neither idle nor stolen; 0 where it is cut.
std::chrono::nanoseconds parse_busy_time(std::string_view stat);
// From /proc/PID/stat, in ticks of 10 ms.
std::optional<ProcessTimes> times_of(std::int32_t pid);
std::optional<ProcessTimes> times_of_thread(std::int32_t pid, std::int32_t tid);
std::optional<ProcessTimes> parse_process_times(std::string_view stat);
// When a process began, by the clock that files have their times from; 0: it is gone.
std::int64_t started_unix_ns_of(std::int32_t pid);

}  // namespace signalbox::profile
