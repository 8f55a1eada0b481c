#include "instruments/profile/symbols/symbol_index.hpp"

#include <fstream>
#include <set>
#include <system_error>

#include <elf.h>

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFolders = 1'000'000;  // below one; later ones are not read

// Most files below a folder are none: their first octets say so without mapping them.
bool may_be_elf(const fs::path& path) {
  char magic[SELFMAG] = {};
  std::ifstream in(path, std::ios::binary);
  return in.read(magic, sizeof magic) && std::string_view(magic, sizeof magic) == ELFMAG;
}

// All files below a folder, links to folders not followed. One folder is open at a time, and what cannot be
// read, or goes meanwhile, hides nothing else.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> out;
  std::vector<fs::path> to_read{folder};
  for (std::size_t folders = 0; !to_read.empty() && folders < kMaxFolders; ++folders) {
    const fs::path next = std::move(to_read.back());
    to_read.pop_back();
    std::error_code code;
    fs::directory_iterator each(next, code);
    for (; !code && each != fs::directory_iterator(); each.increment(code)) {
      std::error_code unread;
      const fs::file_status is = each->symlink_status(unread);
      if (fs::is_directory(is)) to_read.push_back(each->path());
      if (fs::is_regular_file(is) || (fs::is_symlink(is) && each->is_regular_file(unread)))
        out.push_back(each->path());
    }
  }
  return out;
}

}  // namespace

std::map<SymbolIndex::Key, fs::path> SymbolIndex::files_in_folders() const {
  std::map<Key, fs::path> found;
  for (const fs::path& folder : folders_) {
    for (const fs::path& path : files_below(folder)) {
      if (!may_be_elf(path)) continue;
      const auto elf = ElfFile::open(path);
      if (!elf || !is_build_id(elf->build_id())) continue;
      const SymbolContents contents = contents_of(*elf);
      if (contents.serves_as(SymbolKind::executable))
        found.try_emplace({elf->build_id(), SymbolKind::executable}, path);
      if (!contents.serves_as(SymbolKind::debuginfo)) continue;
      // A file with lines is better than one with names alone.
      const auto [at, is_new] = found.try_emplace({elf->build_id(), SymbolKind::debuginfo}, path);
      if (!is_new && contents.debug_info) at->second = path;
    }
  }
  return found;
}

bool SymbolIndex::was_read_since(Time time) {
  const std::lock_guard lock(mutex_);
  return read_at_ && *read_at_ > time;
}

void SymbolIndex::read_unless_since(Time time) {
  // Those who wait here find what the one before them found.
  const std::lock_guard one_reads(reading_);
  if (was_read_since(time)) return;
  std::map<Key, fs::path> found = files_in_folders();
  const std::lock_guard lock(mutex_);
  files_ = std::move(found);
  read_at_ = std::chrono::steady_clock::now();
}

// What was there may have been replaced since: the file itself has the last word.
std::optional<fs::path> SymbolIndex::still_there(const Key& key) {
  std::optional<fs::path> out;
  {
    const std::lock_guard lock(mutex_);
    const auto at = files_.find(key);
    if (at == files_.end()) return std::nullopt;
    out = at->second;
  }
  const auto elf = ElfFile::open(*out);
  if (!elf || elf->build_id() != key.first) out.reset();
  return out;
}

std::optional<fs::path> SymbolIndex::find(std::string_view build_id, SymbolKind kind) {
  const Key key{std::string(build_id), kind};
  if (auto found = still_there(key)) return found;
  const Time recent = std::chrono::steady_clock::now() - pause_;
  if (was_read_since(recent)) return std::nullopt;
  read_unless_since(recent);
  return still_there(key);
}

std::size_t SymbolIndex::size() {
  read_unless_since(Time::min());
  const std::lock_guard lock(mutex_);
  std::set<std::string_view> ids;
  for (const auto& [key, path] : files_) ids.insert(key.first);
  return ids.size();
}

}  // namespace signalbox::profile
