#include "instruments/profile/capture/proc.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>

#include <fmt/format.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "instruments/profile/runtimes/proc_number.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxDescendants = 65'536;
constexpr std::string_view kFirstNamespace = "pid:[4026531836]";  // PROC_PID_INIT_INO of the kernel
constexpr std::int64_t kMaxTicks = 100'000'000'000;               // some thirty years

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

// A word of so many ticks of the clock.
std::optional<std::chrono::nanoseconds> next_time(std::string_view& line) {
  const auto ticks = proc_number<std::int64_t>(next_word(line));
  if (!ticks || *ticks < 0 || *ticks > kMaxTicks) return std::nullopt;
  return *ticks * (std::chrono::nanoseconds(std::chrono::seconds(1)) / std::max(1L, ::sysconf(_SC_CLK_TCK)));
}

std::optional<MemoryRegion> parse_region(std::string_view line) {
  const std::string_view range = next_word(line);
  const std::string_view access = next_word(line);
  const std::string_view offset = next_word(line);
  next_word(line);  // device
  next_word(line);  // inode
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos || access.size() < 4) return std::nullopt;
  const auto start = proc_number<std::uint64_t>(range.substr(0, dash), 16);
  const auto limit = proc_number<std::uint64_t>(range.substr(dash + 1), 16);
  const auto file_offset = proc_number<std::uint64_t>(offset, 16);
  if (!start || !limit || !file_offset || *limit <= *start) return std::nullopt;
  constexpr std::string_view kDeleted = " (deleted)";
  MemoryRegion out{*start, *limit, *file_offset, access[2] == 'x', std::string(line), false};
  if (line.ends_with(kDeleted)) {
    out.path.resize(out.path.size() - kDeleted.size());
    out.is_deleted = true;
  }
  return out;
}

// The numbered entries of a folder of /proc.
std::vector<std::int32_t> numbers_in(const std::filesystem::path& folder, std::error_code& error) {
  std::vector<std::int32_t> out;
  for (auto entry = std::filesystem::directory_iterator(folder, error);
       !error && entry != std::filesystem::end(entry); entry.increment(error)) {
    if (const auto id = proc_number<std::int32_t>(entry->path().filename().native())) out.push_back(*id);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

std::vector<MemoryRegion> parse_memory_map(std::string_view text) {
  std::vector<MemoryRegion> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto region = parse_region(text.substr(0, end))) out.push_back(std::move(*region));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

Error may_not_be_looked_into(std::int32_t pid) {
  return {ErrorKind::denied, fmt::format("process {} may not be looked into", pid),
          "run it as root, with CAP_SYS_PTRACE, or as the process' user with kernel.yama.ptrace_scope=0"};
}

namespace {

// The first thread has no memory any more: the process' other threads have, where there are some.
std::vector<MemoryRegion> memory_map_of_rest(std::int32_t pid) {
  for (const std::int32_t tid : threads_of(pid).value_or(std::vector<std::int32_t>())) {
    const auto text = read_file(fmt::format("/proc/{}/task/{}/maps", pid, tid));
    if (text && !text->empty()) return parse_memory_map(*text);
  }
  return {};
}

}  // namespace

Result<std::vector<MemoryRegion>> memory_map_of(std::int32_t pid) {
  const auto text = read_file(fmt::format("/proc/{}/maps", pid));
  if (text && !text->empty()) return parse_memory_map(*text);
  if (text) return memory_map_of_rest(pid);
  if (text.error().kind == ErrorKind::denied) return fail(may_not_be_looked_into(pid));
  if (!threads_of(pid)) return fail(ErrorKind::not_found, fmt::format("process {} ended", pid));
  return fail(text.error());
}

Result<std::string> memory_of(std::int32_t pid, std::uint64_t start, std::uint64_t bytes) {
  std::string out(bytes, '\0');
  iovec here{out.data(), out.size()};
  iovec there{};
  // An address of another process is a number here, of which no pointer of ours is made.
  std::memcpy(&there.iov_base, &start, sizeof start);
  there.iov_len = out.size();
  const ssize_t got = ::process_vm_readv(pid, &here, 1, &there, 1, 0);
  const int why = errno;
  out.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  if (got >= 0 || why == EFAULT) return out;
  if (why == EPERM) return fail(may_not_be_looked_into(pid));
  if (why == ESRCH) return fail(ErrorKind::not_found, fmt::format("process {} ended", pid));
  return fail(error_from_errno(why, fmt::format("memory of process {}", pid)));
}

Result<std::vector<std::int32_t>> threads_of(std::int32_t pid) {
  std::error_code error;
  std::vector<std::int32_t> out = numbers_in(fmt::format("/proc/{}/task", pid), error);
  if (out.empty())
    return fail(ErrorKind::not_found, fmt::format("there is no process {}", pid),
                "pgrep -a NAME finds its number");
  return out;
}

bool has_ended(std::int32_t pid) {
  const auto times = times_of(pid);
  if (!times) return true;
  if (times->state != 'Z' && times->state != 'X') return false;
  const auto tids = threads_of(pid);
  return !tids || tids->size() < 2;
}

std::vector<std::int32_t> all_processes() {
  std::error_code error;
  return numbers_in("/proc", error);
}

Status numbers_are_the_kernels() {
  std::error_code error;
  const std::filesystem::path space = std::filesystem::read_symlink("/proc/self/ns/pid", error);
  if (!error && space == kFirstNamespace) return {};
  return fail(ErrorKind::unavailable,
              "in this namespace of processes they have other numbers than in the kernel",
              "run it outside of the container, or in the host's namespace (--pid=host)");
}

std::vector<std::int32_t> descendants_of(std::span<const std::int32_t> roots) {
  std::multimap<std::int32_t, std::int32_t> children;
  for (const std::int32_t process : all_processes()) {
    if (const auto times = times_of(process)) children.emplace(times->parent, process);
  }
  std::set<std::int32_t> seen(roots.begin(), roots.end());
  std::vector<std::int32_t> line(seen.begin(), seen.end());
  const std::size_t first_found = line.size();
  for (std::size_t i = 0; i < line.size() && line.size() - first_found < kMaxDescendants; ++i) {
    const auto [first, last] = children.equal_range(line[i]);
    for (auto child = first; child != last; ++child) {
      if (seen.insert(child->second).second) line.push_back(child->second);
    }
  }
  return {line.begin() + static_cast<std::ptrdiff_t>(first_found), line.end()};
}

std::string comm_of(std::int32_t pid, std::int32_t tid) {
  auto text = read_file(fmt::format("/proc/{}/task/{}/comm", pid, tid));
  if (!text) return {};
  if (text->ends_with('\n')) text->pop_back();
  return std::move(*text);
}

std::vector<std::string> command_of(std::int32_t pid) {
  const auto text = read_file(fmt::format("/proc/{}/cmdline", pid));
  std::vector<std::string> out;
  if (!text) return out;
  for (std::string_view left = *text; !left.empty();) {
    const std::size_t end = std::min(left.find('\0'), left.size());
    out.emplace_back(left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return out;
}

std::optional<ProcessTimes> parse_process_times(std::string_view stat) {
  // The name stands in parentheses and may hold any character, also ") R 1": what follows begins after the
  // last one.
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  std::string_view rest = stat.substr(name_end + 1);
  ProcessTimes out;
  const std::string_view state = next_word(rest);
  const auto parent = proc_number<std::int32_t>(next_word(rest));
  if (state.size() != 1 || !parent) return std::nullopt;
  out.state = state.front();
  out.parent = *parent;
  constexpr int kFieldsBeforeTimes = 9;  // pgrp to cmajflt, proc(5)
  for (int i = 0; i < kFieldsBeforeTimes; ++i) next_word(rest);
  std::chrono::nanoseconds times[4];
  for (std::chrono::nanoseconds& time : times) {
    const auto known = next_time(rest);
    if (!known) return std::nullopt;
    time = *known;
  }
  out.user = times[0];
  out.system = times[1];
  out.of_ended_children = times[2] + times[3];
  constexpr int kFieldsBeforeStart = 4;  // priority, nice, num_threads, itrealvalue
  for (int i = 0; i < kFieldsBeforeStart; ++i) next_word(rest);
  out.started = next_time(rest).value_or(std::chrono::nanoseconds{});
  return out;
}

std::chrono::nanoseconds parse_busy_time(std::string_view stat) {
  // user, nice, system, idle, iowait, irq, softirq, … (proc(5))
  constexpr bool kIsBusy[] = {true, true, true, false, false, true, true};
  std::string_view line = stat.substr(0, stat.find('\n'));
  std::chrono::nanoseconds out{};
  if (next_word(line) != "cpu") return out;
  for (const bool is_busy : kIsBusy) {
    const auto time = next_time(line);
    if (!time) return {};
    if (is_busy) out += *time;
  }
  return out;
}

std::optional<ProcessTimes> times_of(std::int32_t pid) {
  const auto stat = read_file(fmt::format("/proc/{}/stat", pid));
  return stat ? parse_process_times(*stat) : std::nullopt;
}

std::optional<ProcessTimes> times_of_thread(std::int32_t pid, std::int32_t tid) {
  const auto stat = read_file(fmt::format("/proc/{}/task/{}/stat", pid, tid));
  return stat ? parse_process_times(*stat) : std::nullopt;
}

std::int64_t started_unix_ns_of(std::int32_t pid) {
  const auto times = times_of(pid);
  if (!times || times->started.count() == 0) return 0;
  const auto now_ns = [](clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
  };
  return now_ns(CLOCK_REALTIME) - now_ns(CLOCK_BOOTTIME) + times->started.count();
}

}  // namespace signalbox::profile
