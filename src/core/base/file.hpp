// Files, as Result. Paths are std::filesystem::path. Writers are atomic and durable: what was acknowledged
// survives a power cut.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox {

inline constexpr std::size_t kMaxFileBytes = std::size_t{256} << 20;

// The whole file. Larger than `max_bytes` → bad_input; absent → not_found; no permission → denied; otherwise
// unavailable.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes = kMaxFileBytes);

// Replaces `path` as one step: temporary file beside it, write, fsync, rename, fsync of the folder. Parent
// folders are made. `mode` is the permission of the new file (octal, for instance 0600).
Status write_file_atomically(const std::filesystem::path& path, std::string_view octets,
                             unsigned mode = 0644);

// The same without fsync, for what can be made again: after a power cut the file is the old one, the new one,
// or damaged.
Status replace_file(const std::filesystem::path& path, std::string_view octets, unsigned mode = 0644);

Status make_directories(const std::filesystem::path& path);

// A folder of its own below the system's temporary folder, removed with all in it at the end of its life.
class TemporaryDirectory {
 public:
  TemporaryDirectory();  // aborts when no folder can be made: for tests and short-lived helpers
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A file descriptor that closes itself.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() { reset(); }
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(other.release()) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept;
  int get() const { return fd_; }
  int release();
  void reset();
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// The message of an errno value, "No space left on device", and the kind it means: ENOENT not_found,
// EACCES/EPERM/EROFS denied, everything else unavailable.
Error error_from_errno(int error_number, std::string_view what);

}  // namespace signalbox
