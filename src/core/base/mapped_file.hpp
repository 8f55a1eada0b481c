// A file's octets in memory without a copy.
#pragma once

#include <filesystem>
#include <string_view>

#include "core/base/result.hpp"

namespace signalbox {

// For files that are replaced as a whole and never changed in place, as git's packs are: one that shrinks
// while it is mapped ends the program (SIGBUS).
class MappedFile {
 public:
  // Absent → not_found, no permission → denied, otherwise unavailable.
  static Result<MappedFile> open(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  std::string_view octets() const { return octets_; }  // valid as long as this lives

 private:
  MappedFile() = default;
  std::string_view octets_;
};

}  // namespace signalbox
