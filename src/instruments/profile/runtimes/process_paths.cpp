#include "instruments/profile/runtimes/process_paths.hpp"

#include <cerrno>
#include <climits>
#include <filesystem>

#include <fmt/format.h>
#include <sys/stat.h>

#include "core/base/text.hpp"
#include "instruments/profile/runtimes/process_status.hpp"

namespace signalbox::profile {

namespace fs = std::filesystem;

std::optional<uid_t> owner_of(std::int32_t pid) {
  struct stat found {};
  if (::stat(fmt::format("/proc/{}", pid).c_str(), &found) != 0) return std::nullopt;
  return found.st_uid;
}

std::int32_t own_number_of(std::int32_t pid) {
  const auto status = status_of(pid);
  return status ? status->own_number.value_or(pid) : pid;
}

namespace {

// One that ended and that nobody waited for is there still, without a root. A root that we may not enter is
// one.
bool has_root(const std::string& folder) {
  struct stat found {};
  return ::stat((folder + "/root").c_str(), &found) == 0 || errno != ENOENT;
}

std::string folder_of_thread(std::int32_t pid, std::int32_t tid) {
  return fmt::format("/proc/{}/task/{}", pid, tid);
}

}  // namespace

std::int32_t living_thread_of(std::int32_t pid) {
  if (has_root(fmt::format("/proc/{}", pid))) return pid;
  std::error_code error;
  for (auto entry = fs::directory_iterator(fmt::format("/proc/{}/task", pid), error);
       !error && entry != fs::end(entry); entry.increment(error)) {
    const auto tid = parse_integer(entry->path().filename().native());
    if (tid && *tid > 0 && *tid <= INT32_MAX && has_root(entry->path().native()))
      return static_cast<std::int32_t>(*tid);
  }
  return pid;
}

std::string path_within(std::int32_t pid, const std::string& path) {
  const std::string folder = folder_of_thread(pid, living_thread_of(pid));
  return has_root(folder) ? folder + "/root" + path : path;
}

}  // namespace signalbox::profile
