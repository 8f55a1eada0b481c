#include "core/base/trusted_file.hpp"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace signalbox {
namespace {

std::string place_of(const FileDescriptor& file) {
  return fmt::format("/proc/self/fd/{}", file.get());
}

}  // namespace

Result<FileDescriptor> open_trusted(const std::string& path, std::optional<uid_t> owner, Links links) {
  const int follow = links == Links::refused ? O_NOFOLLOW : 0;
  FileDescriptor file{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | follow)};
  if (!file) return fail(error_from_errno(errno, path));
  struct stat found {};
  if (::fstat(file.get(), &found) != 0) return fail(error_from_errno(errno, path));
  const bool is_trusted = found.st_uid == ::geteuid() || found.st_uid == 0 || found.st_uid == owner;
  if (!S_ISREG(found.st_mode) || !is_trusted)
    return fail(ErrorKind::denied, fmt::format("{}: is no file of its owner", path));
  return file;
}

bool is_without_links(const FileDescriptor& file, const std::string& path) {
  std::error_code error;
  const std::filesystem::path found = std::filesystem::read_symlink(place_of(file), error);
  return !error && found.native() == path;
}

Result<std::string> read_open_file(const FileDescriptor& file, std::size_t max_bytes) {
  const auto too_large = [&] {
    return fail(ErrorKind::bad_input, fmt::format("{}: more than {} bytes", place_of(file), max_bytes));
  };
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return fail(error_from_errno(errno, place_of(file)));
  if (static_cast<std::size_t>(info.st_size) > max_bytes) return too_large();
  std::string out;
  out.reserve(static_cast<std::size_t>(info.st_size));
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::pread(file.get(), buffer, sizeof buffer, static_cast<off_t>(out.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(error_from_errno(errno, place_of(file)));
    if (got == 0) return out;
    if (out.size() + static_cast<std::size_t>(got) > max_bytes) return too_large();
    out.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace signalbox
