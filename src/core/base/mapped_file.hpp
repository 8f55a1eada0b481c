// A file's octets in memory without a copy.
#pragma once

#include <compare>
#include <cstdint>
#include <filesystem>
#include <string_view>

#include "core/base/file.hpp"
#include "core/base/result.hpp"

namespace signalbox {

// Which file it is, as it was when it was opened: another one, or the same after it was written, is not
// equal.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t changed_ns = 0;  // since 1970: ctime, which no system call sets
  std::int64_t size = 0;        // octets
  bool operator==(const FileIdentity&) const = default;
};

// For files that are replaced as a whole and never changed in place, as git's packs are: one that shrinks
// while it is mapped ends the program (SIGBUS).
class MappedFile {
 public:
  // Absent → not_found, no permission → denied, otherwise unavailable.
  static Result<MappedFile> open(const std::filesystem::path& path);
  // The file behind a descriptor, which is not needed any longer then; `path` is for errors alone.
  static Result<MappedFile> of(const FileDescriptor& fd, const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::string_view octets() const { return octets_; }  // valid as long as this lives
  const FileIdentity& identity() const { return identity_; }

 private:
  MappedFile() = default;
  std::string_view octets_;
  FileIdentity identity_;
};

}  // namespace signalbox
