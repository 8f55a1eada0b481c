// All code that samples point into: each file once, whatever number of processes map it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "instruments/profile/capture/raw_profile.hpp"
#include "instruments/profile/elf/address_space.hpp"
#include "instruments/profile/elf/elf_file.hpp"
#include "instruments/profile/elf/unwind_cache.hpp"
#include "instruments/profile/elf/unwind_table.hpp"
#include "instruments/profile/runtimes/jit_names.hpp"

namespace signalbox::profile {

// One ELF file, the kernel, or memory of one process without a file.
struct CodeObject {
  enum class Kind { none, file, kernel, memory };
  Kind kind = Kind::none;
  std::string path;                          // "/usr/lib/libc.so.6", "[vdso]", "[kernel]", "[jit]", "//anon"
  std::int32_t pid = 0;                      // memory: of which process
  std::shared_ptr<const ElfFile> elf;        // null where it could not be read
  std::shared_ptr<const UnwindTable> table;  // null: frame pointers
};

// Where a file of a process can be read from, best first: by its mapping (also after it was replaced), in the
// process' own root, by its path.
std::vector<std::string> readable_paths(std::int32_t pid, std::uint64_t start, std::uint64_t limit,
                                        const std::string& path);

class CodeTable {
 public:
  CodeTable();

  CodeId kernel() const { return kKernel; }
  // The object behind executable memory of a process.
  CodeId mapped(std::int32_t pid, std::uint64_t start, std::uint64_t limit, const std::string& path);
  const CodeObject& operator[](CodeId id) const { return objects_[id]; }
  std::size_t size() const { return objects_.size(); }
  // Where the names of what a process' runtime compiled are to be had.
  JitSource jit_source(std::int32_t pid) const;

 private:
  static constexpr CodeId kKernel = 1;
  struct FileIdentity {
    std::uint64_t device, inode;
    std::int64_t changed_ns, size;
    auto operator<=>(const FileIdentity&) const = default;
  };
  CodeId file(std::int32_t pid, std::uint64_t start, std::uint64_t limit, const std::string& path);
  CodeId vdso(std::int32_t pid, std::uint64_t start, std::uint64_t limit);
  CodeId memory(std::int32_t pid, const std::string& path);
  void dump_mapped(std::int32_t pid, std::uint64_t start, std::uint64_t limit, const std::string& path);

  UnwindCache tables_{UnwindCache::usual_directory()};
  std::vector<CodeObject> objects_;
  std::map<FileIdentity, CodeId> files_;
  std::map<std::pair<std::int32_t, std::string>, CodeId> memories_;
  std::map<std::int32_t, JitSource> jit_sources_;
  CodeId vdso_ = kNoCode;
};

// The address as its code object counts them: an ELF file's virtual address, else what it is.
std::uint64_t address_in(const CodeTable& table, const CodeRegion& region, std::uint64_t address);

}  // namespace signalbox::profile
