// Tables of large files, kept between runs in a folder of the user's cache. A table is found by the very file
// it was made of: a build id is what a file claims of itself, and one that is profiled may claim another's.
#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/result.hpp"
#include "instruments/profile/elf/elf_file.hpp"
#include "instruments/profile/elf/unwind_table.hpp"

namespace signalbox::profile {

class UnwindCache {
 public:
  static constexpr std::uint64_t kMaxBytes = std::uint64_t{128} << 20;  // of all tables together

  // An empty path keeps nothing. `maker`: which code makes the tables; those that another made are made anew.
  explicit UnwindCache(std::filesystem::path directory, std::uint64_t maker = maker_of_this_build())
      : directory_(std::move(directory)), maker_(maker) {}
  // $XDG_CACHE_HOME/signalbox/unwind, else the same below ~/.cache; empty where neither is known.
  static std::filesystem::path usual_directory();

  // The kept table where there is one, else a new one, which is kept then if making it takes long. What was
  // damaged, made by other code or of another file, or is somebody else's is as if it was not there. Errors
  // as of compile_unwind_table.
  Result<UnwindTable> table_of(const ElfFile& file) const;

  // not_found where no good one is kept.
  Result<UnwindTable> load(const ElfFile& file) const;
  // Removes the oldest ones where all together would be more than kMaxBytes.
  Status store(const ElfFile& file, const UnwindTable& table) const;

 private:
  static std::uint64_t maker_of_this_build();                // a digest of this folder's sources
  std::filesystem::path path_of(const ElfFile& file) const;  // empty: not one that is kept
  void make_room() const;

  std::filesystem::path directory_;
  std::uint64_t maker_;
};

}  // namespace signalbox::profile
