#include "instruments/profile/runtimes/perf_map.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <map>
#include <optional>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxMapBytes = std::size_t{128} << 20;
constexpr std::size_t kMaxEntries = 2'000'000;  // later lines are not read

// A hexadecimal number and the space behind it, taken from the front of a line.
bool take_number(std::string_view& line, std::uint64_t& out) {
  if (line.starts_with("0x")) line.remove_prefix(2);
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), out, 16);
  if (error != std::errc{} || end == line.data() + line.size() || *end != ' ') return false;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()) + 1);
  return true;
}

// The number of a process where it lives itself: the last one of NSpid.
std::int32_t own_number_of(std::int32_t pid) {
  const auto status = read_file(fmt::format("/proc/{}/status", pid));
  if (!status) return pid;
  const std::size_t at = status->find("\nNSpid:");
  if (at == std::string::npos) return pid;
  std::string_view line = std::string_view(*status).substr(at + 1);
  line = trim(line.substr(0, line.find('\n')));
  const auto number = parse_integer(line.substr(line.find_last_of(" \t") + 1));
  return number ? static_cast<std::int32_t>(*number) : pid;
}

std::optional<uid_t> owner_of(std::int32_t pid) {
  struct stat found {};
  if (::stat(fmt::format("/proc/{}", pid).c_str(), &found) != 0) return std::nullopt;
  return found.st_uid;
}

// Anybody may write in /tmp: only a regular file of the process' own user, or of ours, is read; a pipe is not
// waited for, a link not followed.
Result<std::string> read_map_file(const std::string& path, std::optional<uid_t> owner) {
  const FileDescriptor file{::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)};
  if (!file) return fail(error_from_errno(errno, path));
  struct stat found {};
  if (::fstat(file.get(), &found) != 0) return fail(error_from_errno(errno, path));
  const bool is_trusted = found.st_uid == ::geteuid() || found.st_uid == 0 || found.st_uid == owner;
  if (!S_ISREG(found.st_mode) || !is_trusted)
    return fail(ErrorKind::denied, fmt::format("{}: is no file of the process", path));
  return read_file(fmt::format("/proc/self/fd/{}", file.get()), kMaxMapBytes);
}

}  // namespace

PerfMap PerfMap::parse(std::string text) {
  PerfMap out;
  *out.text_ = std::move(text);
  std::vector<Entry> given;
  for (std::string_view left = *out.text_; !left.empty() && given.size() < kMaxEntries;) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    std::string_view line = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    Entry entry{};
    std::uint64_t size = 0;
    if (!take_number(line, entry.start) || !take_number(line, size) || line.empty() || size == 0 ||
        entry.start + size < entry.start) {
      ++out.lines_skipped_;
      continue;
    }
    entry.limit = entry.start + size;
    entry.name = line;
    given.push_back(entry);
  }
  // Laid down one after another, each over what lay there.
  std::map<std::uint64_t, Entry> laid;
  for (const Entry& entry : given) {
    auto at = laid.lower_bound(entry.start);
    if (at != laid.begin()) {
      Entry& before = std::prev(at)->second;
      if (before.limit > entry.limit)
        at = laid.emplace_hint(at, entry.limit, Entry{entry.limit, before.limit, before.name});
      if (before.limit > entry.start) before.limit = entry.start;
    }
    while (at != laid.end() && at->second.start < entry.limit) {
      const Entry old = at->second;
      at = laid.erase(at);
      if (old.limit > entry.limit)
        at = laid.emplace_hint(at, entry.limit, Entry{entry.limit, old.limit, old.name});
    }
    laid.insert_or_assign(entry.start, entry);
  }
  for (const auto& [start, entry] : laid) out.entries_.push_back(entry);
  return out;
}

std::string_view PerfMap::find(std::uint64_t address) const {
  const auto after =
      std::upper_bound(entries_.begin(), entries_.end(), address,
                       [](std::uint64_t wanted, const Entry& entry) { return wanted < entry.start; });
  if (after == entries_.begin() || address >= std::prev(after)->limit) return {};
  return std::prev(after)->name;
}

Result<PerfMap> read_perf_map(std::int32_t pid) {
  const std::string name = fmt::format("/tmp/perf-{}.map", own_number_of(pid));
  const std::string own_root = fmt::format("/proc/{}/root", pid);
  // Where the process is gone, so is its root: then the map that it left in ours.
  std::error_code ignored;
  const bool runs = std::filesystem::exists(fmt::format("/proc/{}", pid), ignored);
  auto text = read_map_file(runs ? own_root + name : name, runs ? owner_of(pid) : std::nullopt);
  if (text) return PerfMap::parse(std::move(*text));
  return fail(ErrorKind::not_found, fmt::format("process {} wrote no {}", pid, name),
              "node --perf-basic-prof, java -XX:+DumpPerfMapAtExit or python -X perf writes it");
}

std::string_view readable_jit_name(std::string_view name) {
  for (const std::string_view kind : {"LazyCompile:", "Function:", "Eval:", "Script:", "JS:", "py::"}) {
    if (!name.starts_with(kind)) continue;
    name.remove_prefix(kind.size());
    break;
  }
  if (name.starts_with('~') || name.starts_with('*') || name.starts_with('^') || name.starts_with('+'))
    name.remove_prefix(1);
  return name;
}

}  // namespace signalbox::profile
