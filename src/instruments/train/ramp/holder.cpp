#include "instruments/train/ramp/holder.hpp"

#include <algorithm>
#include <array>
#include <climits>

#include <fmt/core.h>
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

// Start of a process in clock ticks since boot, field 22 of /proc/PID/stat (proc(5)); -1: there is none.
// What is dead and not yet waited for (state Z) has ended.
std::int64_t start_of(std::int64_t pid) {
  const auto stat = signalbox::read_file(fmt::format("/proc/{}/stat", pid), kMaxProcBytes);
  if (!stat) return -1;
  // The name, field 2, is in parentheses and may hold anything.
  const std::size_t name_end = stat->rfind(')');
  if (name_end == std::string::npos) return -1;
  const std::vector<std::string_view> fields = split(trim(std::string_view(*stat).substr(name_end + 1)), ' ');
  constexpr std::size_t kState = 0;   // field 3
  constexpr std::size_t kStart = 19;  // field 22
  if (fields.size() <= kStart || fields[kState] == "Z" || fields[kState] == "X") return -1;
  return parse_integer(fields[kStart]).value_or(-1);
}

}  // namespace

Holder this_holder() {
  std::array<char, HOST_NAME_MAX + 1> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  const std::int64_t pid = ::getpid();
  return {fmt::format("{}, process {}", host.data(), pid), this_place(), pid,
          std::max<std::int64_t>(start_of(pid), 0)};
}

bool has_ended(const Holder& holder) {
  const std::string here = this_place();
  if (holder.place != here || here == "unknown" || holder.started == 0) return false;
  return start_of(holder.pid) != holder.started;
}

}  // namespace signalbox::train::ramp
