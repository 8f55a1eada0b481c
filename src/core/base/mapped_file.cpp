#include "core/base/mapped_file.hpp"

#include <cerrno>
#include <chrono>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace signalbox {
namespace {

FileIdentity identity_of(const struct stat& info) {
  const auto changed =
      std::chrono::seconds(info.st_ctim.tv_sec) + std::chrono::nanoseconds(info.st_ctim.tv_nsec);
  return {info.st_dev, info.st_ino, changed.count(), info.st_size};
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  // A pipe that nobody writes to would be waited for; for files the flag means nothing.
  const FileDescriptor fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!fd) return fail(error_from_errno(errno, path.string()));
  return of(fd, path);
}

Result<MappedFile> MappedFile::of(const FileDescriptor& fd, const std::filesystem::path& path) {
  struct stat info {};
  if (::fstat(fd.get(), &info) != 0) return fail(error_from_errno(errno, path.string()));
  if (!S_ISREG(info.st_mode)) return fail(ErrorKind::bad_input, path.string() + ": is no regular file");
  MappedFile file;
  file.identity_ = identity_of(info);
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return file;
  void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (start == MAP_FAILED) return fail(error_from_errno(errno, path.string()));
  file.octets_ = {static_cast<const char*>(start), size};
  return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : octets_(std::exchange(other.octets_, {})), identity_(other.identity_) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(octets_, other.octets_);
  std::swap(identity_, other.identity_);
  return *this;
}

MappedFile::~MappedFile() {
  if (!octets_.empty()) ::munmap(const_cast<char*>(octets_.data()), octets_.size());
}

}  // namespace signalbox
