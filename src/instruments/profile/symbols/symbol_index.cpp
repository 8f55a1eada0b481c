#include "instruments/profile/symbols/symbol_index.hpp"

#include <fstream>
#include <set>
#include <system_error>

#include <elf.h>

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

// Most files below a folder are none: their first octets say so without mapping them.
bool may_be_elf(const fs::path& path) {
  char magic[SELFMAG] = {};
  std::ifstream in(path, std::ios::binary);
  return in.read(magic, sizeof magic) && std::string_view(magic, sizeof magic) == ELFMAG;
}

}  // namespace

void SymbolIndex::read() {
  std::map<Key, fs::path> found;
  for (const fs::path& folder : folders_) {
    std::error_code code;
    fs::recursive_directory_iterator each(folder, fs::directory_options::skip_permission_denied, code);
    for (; !code && each != fs::recursive_directory_iterator(); each.increment(code)) {
      std::error_code unread;
      if (!each->is_regular_file(unread) || unread || !may_be_elf(each->path())) continue;
      const auto elf = ElfFile::open(each->path());
      if (!elf || !is_build_id(elf->build_id())) continue;
      const SymbolContents contents = contents_of(*elf);
      if (contents.serves_as(SymbolKind::executable))
        found.try_emplace({elf->build_id(), SymbolKind::executable}, each->path());
      if (!contents.serves_as(SymbolKind::debuginfo)) continue;
      // A file with lines is better than one with names alone.
      const auto [at, is_new] = found.try_emplace({elf->build_id(), SymbolKind::debuginfo}, each->path());
      if (!is_new && contents.debug_info) at->second = each->path();
    }
  }
  files_ = std::move(found);
  read_at_ = std::chrono::steady_clock::now();
}

std::optional<fs::path> SymbolIndex::find(std::string_view build_id, SymbolKind kind) {
  const std::lock_guard lock(mutex_);
  const Key key{std::string(build_id), kind};
  // What was there may have been replaced since: the file itself has the last word.
  const auto still = [&]() -> std::optional<fs::path> {
    const auto at = files_.find(key);
    if (at == files_.end()) return std::nullopt;
    const auto elf = ElfFile::open(at->second);
    return elf && elf->build_id() == build_id ? std::optional(at->second) : std::nullopt;
  };
  if (auto found = still()) return found;
  if (read_at_ && std::chrono::steady_clock::now() - *read_at_ < pause_) return std::nullopt;
  read();
  return still();
}

std::size_t SymbolIndex::size() {
  const std::lock_guard lock(mutex_);
  if (!read_at_) read();
  std::set<std::string_view> ids;
  for (const auto& [key, path] : files_) ids.insert(key.first);
  return ids.size();
}

}  // namespace signalbox::profile
