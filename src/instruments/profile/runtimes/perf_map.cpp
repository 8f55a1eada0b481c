#include "instruments/profile/runtimes/perf_map.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <sys/stat.h>

#include "core/base/file.hpp"
#include "core/base/trusted_file.hpp"
#include "instruments/profile/runtimes/process_paths.hpp"

namespace signalbox::profile {
namespace {

constexpr std::size_t kMaxMapBytes = std::size_t{128} << 20;
constexpr std::size_t kMaxLines = 2'000'000;  // later ones are not read
// The start of a process is known in ticks, and the clock of files may have been set a little since.
constexpr std::int64_t kClockSlackNs = 1'000'000'000;

// A hexadecimal number and the space behind it, taken from the front of a line.
bool take_number(std::string_view& line, std::uint64_t& out) {
  if (line.starts_with("0x")) line.remove_prefix(2);
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), out, 16);
  if (error != std::errc{} || end == line.data() + line.size() || *end != ' ') return false;
  line.remove_prefix(static_cast<std::size_t>(end - line.data()) + 1);
  return true;
}

std::int64_t modified_unix_ns(const FileDescriptor& file) {
  struct stat found {};
  if (::fstat(file.get(), &found) != 0) return 0;
  return std::int64_t{found.st_mtim.tv_sec} * 1'000'000'000 + found.st_mtim.tv_nsec;
}

}  // namespace

std::string perf_map_path(std::int32_t pid) {
  return fmt::format("/tmp/perf-{}.map", own_number_of(pid));
}

PerfMap PerfMap::parse(std::string text) {
  PerfMap out;
  *out.text_ = std::move(text);
  std::size_t lines = 0;
  for (std::string_view left = *out.text_; !left.empty() && lines < kMaxLines; ++lines) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    std::string_view line = left.substr(0, end);
    left.remove_prefix(std::min(end + 1, left.size()));
    std::uint64_t start = 0;
    std::uint64_t size = 0;
    if (!take_number(line, start) || !take_number(line, size) || line.empty() || size == 0 ||
        start + size < start) {
      ++out.lines_skipped_;
      continue;
    }
    out.names_.lay(start, start + size, line);
  }
  return out;
}

std::string_view PerfMap::find(std::uint64_t address) const {
  const std::string_view* const name = names_.find(address);
  return name == nullptr ? std::string_view() : *name;
}

Result<PerfMap> read_perf_map(std::int32_t pid, std::int64_t started_unix_ns) {
  const std::string name = perf_map_path(pid);
  const auto file = open_trusted(path_within(pid, name), owner_of(pid));
  if (!file && file.error().kind == ErrorKind::denied) return fail(file.error());
  if (!file)
    return fail(ErrorKind::not_found, fmt::format("process {} wrote no {}", pid, name),
                "node --perf-basic-prof, java -XX:+DumpPerfMapAtExit or python -X perf writes it");
  if (started_unix_ns > 0 && modified_unix_ns(*file) < started_unix_ns - kClockSlackNs)
    return fail(ErrorKind::conflict,
                fmt::format("{} is older than process {}: it was another's of this number, and is left out",
                            name, pid),
                "remove it");
  SIGNALBOX_TRY(std::string text, read_open_file(*file, kMaxMapBytes));
  return PerfMap::parse(std::move(text));
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
