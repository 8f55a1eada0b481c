#include "core/base/file_lock.hpp"

#include <cerrno>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>

namespace signalbox {
namespace {

constexpr std::chrono::milliseconds kPause{5};

}  // namespace

Result<std::optional<FileDescriptor>> lock_file(const std::filesystem::path& path,
                                                std::chrono::milliseconds patience, unsigned mode) {
  FileDescriptor out{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, mode)};
  if (!out) return fail(error_from_errno(errno, "opening " + path.string()));
  const auto end = std::chrono::steady_clock::now() + patience;
  while (::flock(out.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR)
      return fail(error_from_errno(errno, "locking " + path.string()));
    if (std::chrono::steady_clock::now() >= end) return std::optional<FileDescriptor>();
    std::this_thread::sleep_for(kPause);
  }
  return std::optional<FileDescriptor>(std::move(out));
}

}  // namespace signalbox
