#include "core/base/mapped_file.hpp"

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "core/base/file.hpp"

namespace signalbox {

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
  const FileDescriptor fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat info {};
  if (!fd || ::fstat(fd.get(), &info) != 0) return fail(error_from_errno(errno, path.string()));
  if (!S_ISREG(info.st_mode)) return fail(ErrorKind::bad_input, path.string() + ": is no regular file");
  MappedFile file;
  const auto size = static_cast<std::size_t>(info.st_size);
  if (size == 0) return file;
  void* start = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
  if (start == MAP_FAILED) return fail(error_from_errno(errno, path.string()));
  file.octets_ = {static_cast<const char*>(start), size};
  return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept : octets_(std::exchange(other.octets_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(octets_, other.octets_);
  return *this;
}

MappedFile::~MappedFile() {
  if (!octets_.empty()) ::munmap(const_cast<char*>(octets_.data()), octets_.size());
}

}  // namespace signalbox
