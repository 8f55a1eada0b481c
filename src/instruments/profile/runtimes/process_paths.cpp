#include "instruments/profile/runtimes/process_paths.hpp"

#include <cerrno>

#include <fmt/format.h>
#include <sys/stat.h>

#include "instruments/profile/runtimes/process_status.hpp"

namespace signalbox::profile {

std::optional<uid_t> owner_of(std::int32_t pid) {
  struct stat found {};
  if (::stat(fmt::format("/proc/{}", pid).c_str(), &found) != 0) return std::nullopt;
  return found.st_uid;
}

std::int32_t own_number_of(std::int32_t pid) {
  const auto status = status_of(pid);
  return status ? status->own_number.value_or(pid) : pid;
}

std::string path_within(std::int32_t pid, const std::string& path) {
  const std::string root = fmt::format("/proc/{}/root", pid);
  struct stat found {};
  // One that nobody waited for is there still, without a root. A root that we may not enter is one.
  const bool is_gone = ::stat(root.c_str(), &found) != 0 && errno == ENOENT;
  return is_gone ? path : root + path;
}

}  // namespace signalbox::profile
