#include "instruments/profile/runtimes/process_paths.hpp"

#include <filesystem>

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
  std::error_code ignored;
  const bool runs = std::filesystem::exists(fmt::format("/proc/{}", pid), ignored);
  return runs ? fmt::format("/proc/{}/root{}", pid, path) : path;
}

}  // namespace signalbox::profile
