#include "instruments/profile/elf/unwind_cache.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <type_traits>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/folder.hpp"
#include "core/base/mapped_file.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLeastFrameBytes = 512 << 10;  // of .eh_frame; smaller ones are made in no time
constexpr std::array<char, 8> kMagic{'S', 'B', 'U', 'N', 'W', 'I', 'N', 'D'};

// What a file begins with; rules, pages and rows follow, one right behind the other.
struct Header {
  std::array<char, 8> magic = kMagic;
  std::uint64_t checksum = 0;  // of all behind it
  std::uint64_t maker = 0;
  FileIdentity file;  // that the table was made of
  std::uint64_t base = 0;
  std::uint64_t not_understood = 0;
  std::uint64_t rules = 0;
  std::uint64_t pages = 0;
  std::uint64_t rows = 0;
};
static_assert(std::has_unique_object_representations_v<Header>, "all of it is written");
constexpr std::size_t kCheckedFrom = sizeof(Header::magic) + sizeof(Header::checksum);

// Finds what the disk damaged, and costs less than to read it: four sums beside each other.
std::uint64_t checksum_of(std::string_view octets) {
  constexpr std::uint64_t kOdd = 0x9fb21c651e98df25;
  const auto mix = [](std::uint64_t sum, std::uint64_t word) { return std::rotl((sum ^ word) * kOdd, 29); };
  std::uint64_t first = 1;
  std::uint64_t second = 2;
  std::uint64_t third = 3;
  std::uint64_t fourth = 4;
  std::uint64_t words[4];
  const std::size_t size = octets.size();
  for (; octets.size() >= sizeof words; octets.remove_prefix(sizeof words)) {
    std::memcpy(words, octets.data(), sizeof words);
    first = mix(first, words[0]);
    second = mix(second, words[1]);
    third = mix(third, words[2]);
    fourth = mix(fourth, words[3]);
  }
  std::memset(words, 0, sizeof words);
  std::memcpy(words, octets.data(), octets.size());
  std::uint64_t out = size;
  for (const std::uint64_t sum : {first, second, third, fourth}) out = mix(out, sum);
  for (const std::uint64_t word : words) out = mix(out, word);
  return out;
}

template <class Element>
std::string_view octets_of(std::span<const Element> elements) {
  return {reinterpret_cast<const char*>(elements.data()), elements.size_bytes()};
}

template <class Element>
std::span<const Element> take(std::string_view& octets, std::uint64_t count) {
  const std::span<const Element> out(reinterpret_cast<const Element*>(octets.data()), count);
  octets.remove_prefix(count * sizeof(Element));
  return out;
}

// What a search goes by without a look at how many there are; the number of a rule it does look at.
bool is_sound(const UnwindTable::Parts& parts) {
  if (parts.rules.empty() || parts.rules[0] != UnwindRule() || parts.pages.empty()) return false;
  return std::is_sorted(parts.pages.begin(), parts.pages.end()) && parts.pages.back() == parts.rows.size() &&
         std::all_of(parts.rules.begin(), parts.rules.end(),
                     [](const UnwindRule& rule) { return rule.kind <= UnwindRule::Kind::signal; });
}

// What nobody but us can have written. It is asked of what is open, so nobody exchanges it afterwards; where
// it is a pipe, its other end is not waited for.
Result<MappedFile> map_ours(const fs::path& path) {
  const FileDescriptor fd{::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  struct stat found {};
  if (!fd || ::fstat(fd.get(), &found) != 0) return fail(error_from_errno(errno, path.string()));
  if (found.st_uid != ::geteuid() || (found.st_mode & (S_IWGRP | S_IWOTH)) != 0)
    return fail(ErrorKind::denied, fmt::format("{}: others may write it", path.native()));
  return MappedFile::of(fd, path);
}

Error not_kept(const ElfFile& file) {
  return {ErrorKind::not_found, fmt::format("{}: no table of it is kept", file.name()), {}};
}

}  // namespace

fs::path UnwindCache::usual_directory() {
  if (const char* cache = std::getenv("XDG_CACHE_HOME"); cache != nullptr && *cache == '/')
    return fs::path(cache) / "signalbox" / "unwind";
  const char* home = std::getenv("HOME");
  return home != nullptr && *home == '/' ? fs::path(home) / ".cache" / "signalbox" / "unwind" : fs::path();
}

fs::path UnwindCache::path_of(const ElfFile& file) const {
  const ElfSection* frames = file.section(".eh_frame");
  const auto identity = file.identity();
  if (directory_.empty() || !identity || file.build_id().empty() || frames == nullptr ||
      frames->octets.size() < kLeastFrameBytes)
    return {};
  return directory_ / fmt::format("{}-{:x}-{:x}", file.build_id(), identity->device, identity->inode);
}

Result<UnwindTable> UnwindCache::table_of(const ElfFile& file) const {
  if (auto kept = load(file)) return kept;
  SIGNALBOX_TRY(UnwindTable table, compile_unwind_table(file));
  // Where it cannot be kept it is made again next time.
  [[maybe_unused]] const Status stored = store(file, table);
  return table;
}

Result<UnwindTable> UnwindCache::load(const ElfFile& file) const {
  const fs::path path = path_of(file);
  if (path.empty()) return fail(not_kept(file));
  auto mapped = map_ours(path);
  if (!mapped) return fail(not_kept(file));
  auto owner = std::make_shared<const MappedFile>(std::move(*mapped));
  const std::string_view octets = owner->octets();
  Header header;
  if (octets.size() < sizeof header) return fail(not_kept(file));
  // All of it is looked at now: in one go its pages come cheaper. Older kernels do not know how.
  ::madvise(const_cast<char*>(octets.data()), octets.size(), MADV_POPULATE_READ);
  std::memcpy(&header, octets.data(), sizeof header);
  std::string_view left = octets.substr(sizeof header);
  const std::uint64_t most = left.size();
  if (header.magic != kMagic || header.maker != maker_ || header.file != file.identity() ||
      header.rules > most || header.pages > most || header.rows > most ||
      header.rules * sizeof(UnwindRule) + (header.pages + header.rows) * sizeof(std::uint32_t) != most ||
      header.checksum != checksum_of(octets.substr(kCheckedFrom)))
    return fail(not_kept(file));
  UnwindTable::Parts parts;
  parts.base = header.base;
  parts.not_understood = header.not_understood;
  parts.rules = take<UnwindRule>(left, header.rules);
  parts.pages = take<std::uint32_t>(left, header.pages);
  parts.rows = take<std::uint32_t>(left, header.rows);
  if (!is_sound(parts)) return fail(not_kept(file));
  return UnwindTable(parts, std::move(owner));
}

Status UnwindCache::store(const ElfFile& file, const UnwindTable& table) const {
  const fs::path path = path_of(file);
  if (path.empty()) return {};
  Header header;
  header.maker = maker_;
  header.file = *file.identity();
  header.base = table.base();
  header.not_understood = table.not_understood();
  header.rules = table.rules().size();
  header.pages = table.pages().size();
  header.rows = table.rows().size();
  const auto header_octets = [&] { return octets_of(std::span<const Header>(&header, 1)); };
  std::string octets(header_octets());
  octets += octets_of(table.rules());
  octets += octets_of(table.pages());
  octets += octets_of(table.rows());
  header.checksum = checksum_of(std::string_view(octets).substr(kCheckedFrom));
  octets.replace(0, sizeof header, header_octets());
  constexpr unsigned kOwnerOnly = 0600;
  SIGNALBOX_CHECK(make_directories(directory_));
  SIGNALBOX_CHECK(replace_file(path, octets, kOwnerOnly));
  make_room();
  return {};
}

void UnwindCache::make_room() const {
  struct Kept {
    fs::file_time_type made;
    std::uint64_t bytes;
    fs::path path;
  };
  std::vector<Kept> all;
  std::uint64_t sum = 0;
  const auto files = files_in(directory_);
  if (!files) return;
  for (const fs::path& path : *files) {
    std::error_code gone;  // another process makes room, too
    const fs::file_time_type made = fs::last_write_time(path, gone);
    if (gone) continue;
    const std::uint64_t bytes = fs::file_size(path, gone);
    if (gone) continue;
    all.push_back({made, bytes, path});
    sum += bytes;
  }
  std::sort(all.begin(), all.end(), [](const Kept& a, const Kept& b) { return a.made < b.made; });
  for (const Kept& oldest : all) {
    if (sum <= kMaxBytes) return;
    if (remove_if_there(oldest.path)) sum -= oldest.bytes;
  }
}

}  // namespace signalbox::profile
