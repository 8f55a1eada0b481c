#include "instruments/train/ramp/holder.hpp"

#include <array>
#include <cerrno>
#include <climits>
#include <optional>

#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox::train::ramp {
namespace {

constexpr std::size_t kMaxProcBytes = 4096;

std::string link_of(const char* path) {
  std::array<char, PATH_MAX> text{};
  const ssize_t size = ::readlink(path, text.data(), text.size());
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : std::string();
}

// The boot of this machine and the space that process ids count in (a container has its own).
std::string this_place() {
  const std::string boot =
      signalbox::read_file("/proc/sys/kernel/random/boot_id", kMaxProcBytes).value_or("");
  const std::string space = link_of("/proc/self/ns/pid");
  if (boot.empty() || space.empty()) return "unknown";
  return to_hex(sha256(boot + space)).substr(0, 16);
}

// What /proc/PID/stat (proc(5)) says of a process.
struct ProcessFacts {
  char state = '?';          // field 3; Z and X: it is dead, and perhaps not yet waited for
  std::int64_t started = 0;  // field 22, clock ticks since boot
};

std::optional<std::string> stat_of(std::int64_t pid) {
  auto stat = signalbox::read_file(fmt::format("/proc/{}/stat", pid), kMaxProcBytes);
  if (!stat) return std::nullopt;
  return std::move(*stat);
}

std::optional<ProcessFacts> facts_in(const std::optional<std::string>& stat) {
  if (!stat) return std::nullopt;
  // The name, field 2, is in parentheses and may hold anything.
  const std::size_t name_end = stat->rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  const std::vector<std::string_view> fields = split(trim(std::string_view(*stat).substr(name_end + 1)), ' ');
  constexpr std::size_t kState = 0;   // field 3
  constexpr std::size_t kStart = 19;  // field 22
  if (fields.size() <= kStart || fields[kState].size() != 1) return std::nullopt;
  const auto started = parse_integer(fields[kStart]);
  if (!started) return std::nullopt;
  return ProcessFacts{fields[kState].front(), *started};
}

}  // namespace

Holder this_holder() {
  std::array<char, HOST_NAME_MAX + 1> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  const std::int64_t pid = ::getpid();
  return {fmt::format("{}, process {}", host.data(), pid), this_place(), pid,
          facts_in(stat_of(pid)).value_or(ProcessFacts{}).started};
}

bool proves_end(const std::optional<std::string>& stat, std::int64_t started) {
  const auto facts = facts_in(stat);
  return facts && (facts->state == 'Z' || facts->state == 'X' || facts->started != started);
}

bool has_ended(const Holder& holder) {
  const std::string here = this_place();
  if (holder.place != here || here == "unknown" || holder.started == 0) return false;
  // A /proc that is not mounted, hidden or unreadable proves nothing; that there is no such process does.
  if (::kill(static_cast<pid_t>(holder.pid), 0) != 0 && errno == ESRCH) return true;
  return proves_end(stat_of(holder.pid), holder.started);
}

}  // namespace signalbox::train::ramp
