#include "core/git/refs.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/parallel.hpp"
#include "core/git/object.hpp"

namespace signalbox::git {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTags = "refs/tags/";
constexpr std::size_t kMaxPackedBytes = std::size_t{256} << 20;
constexpr std::size_t kMaxLooseBytes = 256;
constexpr int kMaxDepth = 16;  // of folders below refs/tags

bool is_id(std::string_view hex) {
  return parse_object_id(hex) && hex.find_first_not_of('0') != std::string_view::npos;
}

// Names that git takes without a second look (git-check-ref-format(1)); others are left to it.
bool is_plain_name(std::string_view name) {
  constexpr std::string_view marks = "._/@+-";
  const auto is_plain = [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           marks.find(c) != std::string_view::npos;
  };
  const auto holds = [&](std::string_view part) { return name.find(part) != std::string_view::npos; };
  return !name.empty() && std::all_of(name.begin(), name.end(), is_plain) && name.front() != '.' &&
         name.front() != '/' && name.back() != '.' && name.back() != '/' && name != "@" && !holds("..") &&
         !holds("//") && !holds("/.") && !holds("./") && !holds(".lock");
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};
using Folder = std::unique_ptr<DIR, CloseFolder>;

// Null where it cannot be opened: errno says why.
Folder open_folder(int parent, const char* name) {
  FileDescriptor file{::openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  Folder folder(file ? ::fdopendir(file.get()) : nullptr);
  if (folder) file.release();
  return folder;
}

// Adds the names of the references below `folder`, each after `prefix`; false where one is for git to judge.
bool list_loose(DIR* folder, const std::string& prefix, int depth, std::vector<TagRef>& out) {
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(folder);
    if (entry == nullptr) return errno == 0;
    const std::string_view file = entry->d_name;
    if (file == "." || file == ".." || file.ends_with(".lock")) continue;  // the last: being written just now
    std::string name = prefix + entry->d_name;
    if (!is_plain_name(name)) return false;
    if (entry->d_type == DT_DIR) {
      const Folder below = open_folder(::dirfd(folder), entry->d_name);
      if (depth == kMaxDepth || !below || !list_loose(below.get(), name + "/", depth + 1, out)) return false;
    } else if (entry->d_type == DT_REG) {
      out.emplace_back(std::move(name), std::string());
    } else {
      return false;
    }
  }
}

// The one short line of a loose reference.
bool read_loose(int folder, TagRef& ref) {
  const FileDescriptor file{::openat(folder, ref.first.c_str(), O_RDONLY | O_CLOEXEC)};
  char buffer[kMaxLooseBytes];
  const ssize_t got = file ? ::read(file.get(), buffer, sizeof buffer) : -1;
  if (got < 0) return false;
  std::string_view line(buffer, static_cast<std::size_t>(got));
  while (line.ends_with('\n')) line.remove_suffix(1);
  ref.second = line;
  return is_id(line);
}

bool read_loose(const fs::path& path, std::vector<TagRef>& out) {
  const Folder folder = open_folder(AT_FDCWD, path.c_str());
  if (!folder) return errno == ENOENT;
  if (!list_loose(folder.get(), "", 0, out)) return false;
  // A file a tag: where nobody has packed them there are thousands.
  constexpr std::size_t at_once = 64;
  std::atomic<bool> all_read = true;
  for_each_in_parallel((out.size() + at_once - 1) / at_once, [&](std::size_t part) {
    for (std::size_t i = part * at_once; i < std::min(out.size(), (part + 1) * at_once); ++i) {
      if (!read_loose(::dirfd(folder.get()), out[i])) all_read = false;
    }
  });
  return all_read;
}

}  // namespace

bool parse_packed_tags(std::string_view octets, std::vector<TagRef>& out) {
  const std::size_t loose = out.size();
  while (!octets.empty()) {
    const std::size_t end = octets.find('\n');
    if (end == std::string_view::npos) return false;
    const std::string_view line = octets.substr(0, end);
    octets.remove_prefix(end + 1);
    if (line.starts_with('#') || line.starts_with('^')) continue;
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos || !is_id(line.substr(0, space))) return false;
    std::string_view name = line.substr(space + 1);
    if (!name.starts_with(kTags)) continue;
    name.remove_prefix(kTags.size());
    if (!is_plain_name(name)) return false;
    const auto end_of_loose = out.begin() + static_cast<std::ptrdiff_t>(loose);
    const auto at =
        std::lower_bound(out.begin(), end_of_loose, name,
                         [](const TagRef& ref, std::string_view wanted) { return ref.first < wanted; });
    if (at == end_of_loose || at->first != name) out.emplace_back(name, line.substr(0, space));
  }
  return true;
}

std::optional<std::vector<TagRef>> read_tag_refs(const fs::path& common_directory) {
  std::error_code error;
  if (fs::exists(common_directory / "reftable", error) || error) return std::nullopt;
  // Loose ones first: git removes them only after it has written them to packed-refs.
  std::vector<TagRef> refs;
  if (!read_loose(common_directory / "refs" / "tags", refs)) return std::nullopt;
  std::sort(refs.begin(), refs.end());
  const auto packed = read_file(common_directory / "packed-refs", kMaxPackedBytes);
  if (!packed && packed.error().kind != ErrorKind::not_found) return std::nullopt;
  if (packed && !parse_packed_tags(*packed, refs)) return std::nullopt;
  std::sort(refs.begin(), refs.end());
  return refs;
}

}  // namespace signalbox::git
