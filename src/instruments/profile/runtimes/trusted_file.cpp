#include "instruments/profile/runtimes/trusted_file.hpp"

#include <cerrno>
#include <filesystem>
#include <string_view>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/text.hpp"

namespace signalbox::profile {

Result<FileDescriptor> open_trusted(const std::string& path, std::optional<uid_t> owner, Links links) {
  const int follow = links == Links::refused ? O_NOFOLLOW : 0;
  FileDescriptor file{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | follow)};
  if (!file) return fail(error_from_errno(errno, path));
  struct stat found {};
  if (::fstat(file.get(), &found) != 0) return fail(error_from_errno(errno, path));
  const bool is_trusted = found.st_uid == ::geteuid() || found.st_uid == 0 || found.st_uid == owner;
  if (!S_ISREG(found.st_mode) || !is_trusted)
    return fail(ErrorKind::denied, fmt::format("{}: is no file of the process", path));
  return file;
}

std::optional<uid_t> owner_of(std::int32_t pid) {
  struct stat found {};
  if (::stat(fmt::format("/proc/{}", pid).c_str(), &found) != 0) return std::nullopt;
  return found.st_uid;
}

std::int32_t own_number_of(std::int32_t pid) {
  const auto status = read_file(fmt::format("/proc/{}/status", pid));
  if (!status) return pid;
  const std::size_t at = status->find("\nNSpid:");
  if (at == std::string::npos) return pid;
  std::string_view line = std::string_view(*status).substr(at + 1);
  line = trim(line.substr(0, line.find('\n')));
  const auto number = parse_integer(line.substr(line.find_last_of(" \t") + 1));
  return number ? static_cast<std::int32_t>(*number) : pid;
}

std::string path_within(std::int32_t pid, const std::string& path) {
  std::error_code ignored;
  const bool runs = std::filesystem::exists(fmt::format("/proc/{}", pid), ignored);
  return runs ? fmt::format("/proc/{}/root{}", pid, path) : path;
}

Result<std::string> read_open_file(const FileDescriptor& file, std::size_t max_bytes) {
  return read_file(fmt::format("/proc/self/fd/{}", file.get()), max_bytes);
}

}  // namespace signalbox::profile
