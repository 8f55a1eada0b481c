#include "core/base/file.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/encoding.hpp"
#include "core/base/random.hpp"

namespace signalbox {
namespace {

namespace fs = std::filesystem;

Status write_all(int fd, std::string_view octets, const fs::path& path) {
  while (!octets.empty()) {
    const ssize_t written = ::write(fd, octets.data(), octets.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return fail(error_from_errno(errno, "writing " + path.string()));
    }
    octets.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status sync_directory(const fs::path& directory) {
  const FileDescriptor fd{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd || ::fsync(fd.get()) != 0)
    return fail(error_from_errno(errno, "syncing folder " + directory.string()));
  return {};
}

enum class Sync { yes, no };

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

Status write_and_rename(const fs::path& path, std::string_view octets, unsigned mode, Sync sync) {
  const fs::path folder = folder_of(path);
  SIGNALBOX_CHECK(make_directories(folder));
  const fs::path temporary =
      folder / fmt::format(".{}.{}", path.filename().string(), to_hex(random_octets(6)));
  FileDescriptor fd{
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode))};
  if (!fd) return fail(error_from_errno(errno, "creating " + temporary.string()));
  const auto give_up = [&](Error error) {
    ::unlink(temporary.c_str());
    return fail(std::move(error));
  };
  if (::fchmod(fd.get(), static_cast<mode_t>(mode)) != 0)
    return give_up(error_from_errno(errno, "permissions of " + path.string()));
  if (auto written = write_all(fd.get(), octets, path); !written) return give_up(std::move(written).error());
  if (sync == Sync::yes && ::fsync(fd.get()) != 0)
    return give_up(error_from_errno(errno, "syncing " + path.string()));
  fd.reset();
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return give_up(error_from_errno(errno, "renaming to " + path.string()));
  return {};
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int FileDescriptor::release() {
  const int fd = fd_;
  fd_ = -1;
  return fd;
}

void FileDescriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Error error_from_errno(int error_number, std::string_view what) {
  Error error{ErrorKind::unavailable, fmt::format("{}: {}", what, std::strerror(error_number)), {}};
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      error.kind = ErrorKind::not_found;
      break;
    case EACCES:
    case EPERM:
      error.kind = ErrorKind::denied;
      break;
    case EROFS:
      error.kind = ErrorKind::denied;
      error.hint = "the file system is mounted read-only";
      break;
    case ENOSPC:
    case EDQUOT:
      error.hint = "make room on the disk, then run the same command again";
      break;
    default:
      break;
  }
  return error;
}

Result<std::string> read_file(const fs::path& path, std::size_t max_bytes) {
  const FileDescriptor fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd) return fail(error_from_errno(errno, path.string()));
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return fail(error_from_errno(errno, path.string()));
  if (S_ISDIR(info.st_mode)) return fail(ErrorKind::bad_input, path.string() + ": is a folder");
  std::string out;
  if (S_ISREG(info.st_mode)) {
    if (static_cast<std::size_t>(info.st_size) > max_bytes) {
      return fail(ErrorKind::bad_input,
                  fmt::format("{}: {} bytes; at most {} are read", path.string(), info.st_size, max_bytes));
    }
    out.reserve(static_cast<std::size_t>(info.st_size));
  }
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
    if (got < 0) {
      if (errno == EINTR) continue;
      return fail(error_from_errno(errno, path.string()));
    }
    if (got == 0) return out;
    if (out.size() + static_cast<std::size_t>(got) > max_bytes) {
      return fail(ErrorKind::bad_input, fmt::format("{}: more than {} bytes", path.string(), max_bytes));
    }
    out.append(buffer, static_cast<std::size_t>(got));
  }
}

Status write_file_atomically(const fs::path& path, std::string_view octets, unsigned mode) {
  SIGNALBOX_CHECK(write_and_rename(path, octets, mode, Sync::yes));
  return sync_directory(folder_of(path));
}

Status replace_file(const fs::path& path, std::string_view octets, unsigned mode) {
  return write_and_rename(path, octets, mode, Sync::no);
}

Status make_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) return fail(error_from_errno(error.value(), "making folder " + path.string()));
  return {};
}

TemporaryDirectory::TemporaryDirectory() {
  std::string pattern = (fs::temp_directory_path() / "signalbox-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = pattern;
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace signalbox
