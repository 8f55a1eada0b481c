#include "instruments/profile/capture/code_table.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

#include "core/base/trusted_file.hpp"
#include "instruments/profile/capture/proc.hpp"
#include "instruments/profile/runtimes/process_paths.hpp"

namespace signalbox::profile {
namespace {

constexpr std::uint64_t kMaxVdsoBytes = 1 << 20;

bool is_a_file(const std::string& path) {
  return path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/memfd:") &&
         !path.starts_with("/dev/zero") && !path.starts_with("/SYSV");
}

void add_elf(CodeObject& object, Result<ElfFile> read, const UnwindCache& tables) {
  if (!read) return;
  auto elf = std::make_shared<const ElfFile>(std::move(*read));
  if (auto table = tables.table_of(*elf))
    object.table = std::make_shared<const UnwindTable>(std::move(*table));
  object.elf = std::move(elf);
}

}  // namespace

std::vector<std::string> readable_paths(std::int32_t pid, std::uint64_t start, std::uint64_t limit,
                                        const std::string& path) {
  return {fmt::format("/proc/{}/map_files/{:x}-{:x}", pid, start, limit),
          fmt::format("/proc/{}/root{}", pid, path), path};
}

CodeTable::CodeTable() {
  objects_.emplace_back();
  objects_.push_back({CodeObject::Kind::kernel, "[kernel]", 0, nullptr, nullptr});
}

CodeId CodeTable::mapped(std::int32_t pid, std::uint64_t start, std::uint64_t limit,
                         const std::string& path) {
  if (path == "[vdso]") return vdso(pid, start, limit);
  if (is_jit_dump(path)) dump_mapped(pid, start, limit, path);
  if (is_a_file(path)) return file(pid, start, limit, path);
  return memory(pid, path.empty() || path.starts_with("//anon") ? "[jit]" : path);
}

CodeId CodeTable::file(std::int32_t pid, std::uint64_t start, std::uint64_t limit, const std::string& path) {
  for (const std::string& readable : readable_paths(pid, start, limit, path)) {
    struct stat found {};
    if (::stat(readable.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) continue;
    const FileIdentity identity{found.st_dev, found.st_ino,
                                std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec,
                                found.st_size};
    const auto [known, is_new] = files_.try_emplace(identity, static_cast<CodeId>(objects_.size()));
    if (is_new) {
      objects_.push_back({CodeObject::Kind::file, path, 0, nullptr, nullptr});
      add_elf(objects_.back(), ElfFile::open(readable), tables_);
    }
    return known->second;
  }
  return memory(pid, path);
}

CodeId CodeTable::vdso(std::int32_t pid, std::uint64_t start, std::uint64_t limit) {
  // The same for all 64-bit processes of one kernel.
  if (vdso_ == kNoCode && limit - start <= kMaxVdsoBytes) {
    vdso_ = static_cast<CodeId>(objects_.size());
    objects_.push_back({CodeObject::Kind::file, "[vdso]", 0, nullptr, nullptr});
    add_elf(objects_.back(),
            ElfFile::from_memory(memory_of(pid, start, limit - start).value_or(""), "[vdso]"), tables_);
  }
  return vdso_;
}

CodeId CodeTable::memory(std::int32_t pid, const std::string& path) {
  const auto [known, is_new] = memories_.try_emplace({pid, path}, static_cast<CodeId>(objects_.size()));
  if (is_new) {
    objects_.push_back({CodeObject::Kind::memory, path, pid, nullptr, nullptr});
    JitSource& source = jit_sources_[pid];
    source.pid = pid;
    source.started_unix_ns = started_unix_ns_of(pid);
  }
  return known->second;
}

// Kept open, as it is to be read when the process may be gone.
void CodeTable::dump_mapped(std::int32_t pid, std::uint64_t start, std::uint64_t limit,
                            const std::string& path) {
  JitSource& source = jit_sources_[pid];
  source.pid = pid;
  const std::optional<uid_t> owner = owner_of(pid);
  const std::vector<std::string> places = readable_paths(pid, start, limit, path);
  for (const std::string& place : places) {
    // The first one is the kernel's own link to what is mapped.
    auto file = open_trusted(place, owner, &place == &places.front() ? Links::followed : Links::refused);
    if (!file) continue;
    source.dump = std::make_shared<const FileDescriptor>(std::move(*file));
    return;
  }
}

JitSource CodeTable::jit_source(std::int32_t pid) const {
  const auto known = jit_sources_.find(pid);
  return known == jit_sources_.end() ? JitSource{pid, 0, nullptr} : known->second;
}

std::uint64_t address_in(const CodeTable& table, const CodeRegion& region, std::uint64_t address) {
  const CodeObject& object = table[region.code];
  if (object.elf == nullptr) return address;
  return object.elf->vaddr_of(address - region.start + region.file_offset).value_or(address);
}

}  // namespace signalbox::profile
