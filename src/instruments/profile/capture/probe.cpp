#include "instruments/profile/capture/probe.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <linux/perf_event.h>

#include "core/base/mapped_file.hpp"
#include "core/base/text.hpp"
#include "instruments/profile/elf/elf_file.hpp"
#include "instruments/profile/elf/probe_sites.hpp"

namespace signalbox::profile {
namespace {

constexpr std::string_view kForms =
    "uprobe:FILE:FUNCTION, usdt:FILE:PROVIDER:NAME, tracepoint:GROUP:NAME or kprobe:FUNCTION";
constexpr std::size_t kMostPlaces = 64;  // of one probe: each is an event of every thread and processor
constexpr std::size_t kListed = 5;

// Primes: a loop whose length divides the period would be seen at one place alone.
constexpr std::uint64_t kOften = 1'000'003;
constexpr std::uint64_t kSeldom = 10'007;
constexpr Counter kCounters[] = {
    {"page-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS, 1, false},
    {"minor-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MIN, 1, false},
    {"major-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS_MAJ, 1, false},
    {"context-switches", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES, 1, true},
    {"cpu-migrations", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_MIGRATIONS, 1, true},
    {"alignment-faults", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_ALIGNMENT_FAULTS, 1, false},
    {"cycles", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, kOften, false},
    {"instructions", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, kOften, false},
    {"cache-references", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_REFERENCES, kSeldom, false},
    {"cache-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CACHE_MISSES, kSeldom, false},
    {"branches", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_INSTRUCTIONS, kOften, false},
    {"branch-misses", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES, kSeldom, false},
};

Error is_none(std::string_view text) {
  return {ErrorKind::bad_input, fmt::format("--probe {}: is no probe", printable(text)),
          fmt::format("one is {}", kForms)};
}

bool is_word(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.' || c == '-';
  });
}

std::optional<std::uint64_t> parse_address(std::string_view text) {
  if (!text.starts_with("0x") || text.size() < 3) return std::nullopt;
  std::uint64_t out = 0;
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + 2, end, out, 16);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return out;
}

ProbePlace counter_place(const Probe& probe) {
  ProbePlace out;
  for (const Counter& each : kCounters) {
    if (each.name != probe.name) continue;
    out.type = each.type;
    out.config = each.config;
    out.is_in_kernel = each.is_in_kernel;
    out.text = probe.name;
  }
  return out;
}

// Places of a file by their offsets in it. `semaphore`: the offset of a counter that the kernel raises; 0:
// none.
struct Site {
  std::uint64_t offset = 0;
  std::uint64_t semaphore = 0;
};

Error no_function(const ElfFile& elf, const Probe& probe) {
  const bool is_stripped = std::none_of(elf.sections().begin(), elf.sections().end(),
                                        [](const ElfSection& section) { return section.name == ".symtab"; });
  return {ErrorKind::not_found,
          fmt::format("{} has no function {}", printable(probe.file), printable(probe.name)),
          is_stripped
              ? fmt::format("it was stripped, and tells only what others call; by its address: uprobe:{}:0x…",
                            printable(probe.file))
              : fmt::format("nm -C {} lists them", shell_word(printable(probe.file)))};
}

Result<std::vector<Site>> sites_of_function(const ElfFile& elf, const Probe& probe) {
  if (const auto offset = parse_address(probe.name)) {
    const bool is_code =
        std::any_of(elf.segments().begin(), elf.segments().end(), [&](const ElfSegment& each) {
          return each.is_executable && *offset >= each.file_offset &&
                 *offset - each.file_offset < each.file_size;
        });
    if (!is_code)
      return fail(ErrorKind::bad_input,
                  fmt::format("--probe {}: the file has no code there", printable(probe.text)),
                  "the number is an offset in the file, at which an instruction begins");
    return std::vector<Site>{{*offset, 0}};
  }
  const std::vector<FunctionEntry> found = functions_called(elf, probe.name);
  if (found.empty()) return fail(no_function(elf, probe));
  std::vector<Site> out;
  for (const FunctionEntry& entry : found) {
    if (entry.chooses)
      return fail(ErrorKind::bad_input,
                  fmt::format("--probe {}: the loader chooses that function as it starts, from several",
                              printable(probe.text)),
                  fmt::format("nm -D {} has those that it chooses from; a profile names the one that runs",
                              shell_word(printable(probe.file))));
    const auto offset = code_offset_of(elf, entry.vaddr);
    if (!offset) return fail(no_function(elf, probe));
    out.push_back({*offset, 0});
  }
  return out;
}

Result<std::vector<Site>> sites_of_static(const ElfFile& elf, const Probe& probe) {
  const std::vector<StaticProbe> all = static_probes(elf);
  std::vector<Site> out;
  std::vector<std::string> names;
  for (const StaticProbe& each : all) {
    names.push_back(fmt::format("{}:{}", each.provider, each.name));
    if (each.provider != probe.group || each.name != probe.name) continue;
    const auto offset = code_offset_of(elf, each.vaddr);
    const auto semaphore =
        each.semaphore == 0 ? std::optional<std::uint64_t>(0) : file_offset_of(elf, each.semaphore);
    if (!offset || !semaphore)
      return fail(
          ErrorKind::bad_input,
          fmt::format("--probe {}: its note names a place that the file has not", printable(probe.text)));
    out.push_back({*offset, *semaphore});
  }
  if (!out.empty()) return out;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const auto near = nearest(probe.group + ":" + probe.name, names);
  if (names.size() > kListed) names.resize(kListed);
  return fail(ErrorKind::not_found,
              fmt::format("{} has no static probe {}:{}", printable(probe.file), probe.group, probe.name),
              near            ? fmt::format("did you mean {}?", printable(*near))
              : names.empty() ? "it has none at all"
                              : fmt::format("it has {} …", printable(join(names, ", "))));
}

// The sites of a probe in one file, as the kernel is told of them: by the descriptor that the file was read
// through. So no other file can come between, and what its path has in it (blanks, colons, another root) is
// not for the kernel's line.
Status add_places(const Probe& probe, const ProbedFile& code, ProbePlaces& out) {
  SIGNALBOX_TRY(const ElfFile elf, ElfFile::of(code.file, code.name));
  SIGNALBOX_TRY(const std::vector<Site> sites, probe.kind == Probe::Kind::user_static
                                                   ? sites_of_static(elf, probe)
                                                   : sites_of_function(elf, probe));
  if (out.places.size() + sites.size() > kMostPlaces)
    return fail(ErrorKind::bad_input,
                fmt::format("--probe {}: stands for {} places, and {} are the most", printable(probe.text),
                            out.places.size() + sites.size(), kMostPlaces));
  for (const Site& site : sites) {
    std::string where = fmt::format("/proc/self/fd/{}:0x{:x}", code.file.get(), site.offset);
    if (site.semaphore != 0) where += fmt::format("(0x{:x})", site.semaphore);
    SIGNALBOX_TRY(const std::uint64_t number, out.events.add(TraceEvents::Kind::user, where));
    out.places.push_back(
        {PERF_TYPE_TRACEPOINT, number, false, false, fmt::format("{}:0x{:x}", code.name, site.offset)});
  }
  SIGNALBOX_TRY(const MappedFile now, MappedFile::of(code.file, code.name));
  if (elf.identity() != now.identity())
    return fail(ErrorKind::conflict,
                fmt::format("--probe: {} was changed while its symbols were read", printable(code.name)),
                "once it is written, start the recording again");
  return {};
}

Result<ProbePlaces> in_files(const Probe& probe, std::span<const std::int32_t> pids) {
  SIGNALBOX_TRY(const std::vector<ProbedFile> files, find_code_files(probe.file, pids));
  ProbePlaces out;
  std::optional<Error> first;
  for (const ProbedFile& each : files) {
    auto added = add_places(probe, each, out);
    if (added) continue;
    // Of several files of one name not every one has each function.
    if (added.error().kind != ErrorKind::not_found) return fail(std::move(added).error());
    if (!first) first = std::move(added).error();
  }
  if (out.places.empty() && first) return fail(std::move(*first));
  return out;
}

Result<ProbePlaces> in_kernel(const Probe& probe) {
  ProbePlaces out;
  std::uint64_t number = 0;
  if (probe.kind == Probe::Kind::kernel_function) {
    SIGNALBOX_TRY(number, out.events.add(TraceEvents::Kind::kernel, probe.name));
  } else {
    SIGNALBOX_TRY(const TracingFolder tracing, TracingFolder::open());
    SIGNALBOX_TRY(number, tracing.number_of(probe.group, probe.name));
  }
  const bool is_weighed = probe.group == "sched" && probe.name.starts_with("sched_stat_");
  out.places.push_back({PERF_TYPE_TRACEPOINT, number, true, is_weighed, probe.text});
  return out;
}

}  // namespace

Result<Probe> parse_probe(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return fail(is_none(text));
  const std::string_view kind = text.substr(0, colon);
  const std::string_view rest = text.substr(colon + 1);
  Probe out;
  out.text = std::string(text);
  if (kind == "kprobe") {
    if (!is_word(rest)) return fail(is_none(text));
    out.kind = Probe::Kind::kernel_function;
    out.name = std::string(rest);
    return out;
  }
  if (kind == "tracepoint") {
    const auto parts = split(rest, ':');
    if (parts.size() != 2 || !is_word(parts[0]) || !is_word(parts[1])) return fail(is_none(text));
    out.kind = Probe::Kind::kernel_static;
    out.group = std::string(parts[0]);
    out.name = std::string(parts[1]);
    return out;
  }
  if (kind == "usdt") {
    const std::size_t last = rest.rfind(':');
    const std::size_t before =
        last == std::string_view::npos || last == 0 ? std::string_view::npos : rest.rfind(':', last - 1);
    if (before == std::string_view::npos) return fail(is_none(text));
    out.kind = Probe::Kind::user_static;
    out.file = std::string(rest.substr(0, before));
    out.group = std::string(rest.substr(before + 1, last - before - 1));
    out.name = std::string(rest.substr(last + 1));
    if (out.file.empty() || !is_word(out.group) || !is_word(out.name)) return fail(is_none(text));
    return out;
  }
  if (kind != "uprobe") return fail(is_none(text));
  // Names of functions have colons in pairs: the file ends at the first that stands alone.
  std::size_t end = rest.find(':');
  while (end != std::string_view::npos && rest.substr(end).starts_with("::")) end = rest.find(':', end + 2);
  if (end == std::string_view::npos || end == 0 || end + 1 == rest.size()) return fail(is_none(text));
  out.file = std::string(rest.substr(0, end));
  out.name = std::string(rest.substr(end + 1));
  return out;
}

std::string name_of_hits(const Probe& probe) {
  return probe.kind == Probe::Kind::counter ? probe.name : "hits";
}

std::span<const Counter> counters() {
  return kCounters;
}

Result<Probe> parse_counter(std::string_view name) {
  std::vector<std::string> names;
  for (const Counter& each : kCounters) {
    if (each.name == name) {
      Probe out;
      out.kind = Probe::Kind::counter;
      out.name = std::string(name);
      out.text = std::string(name);
      return out;
    }
    names.emplace_back(each.name);
  }
  const auto near = nearest(name, names);
  return fail(ErrorKind::bad_input, fmt::format("--event {}: is no event", printable(name)),
              near ? fmt::format("did you mean {}?", *near) : fmt::format("there are {}", join(names, ", ")));
}

Result<ProbePlaces> places_of(const Probe& probe, std::span<const std::int32_t> pids) {
  switch (probe.kind) {
    case Probe::Kind::counter: {
      ProbePlaces out;
      out.places.push_back(counter_place(probe));
      return out;
    }
    case Probe::Kind::kernel_static:
    case Probe::Kind::kernel_function:
      return in_kernel(probe);
    case Probe::Kind::user_function:
    case Probe::Kind::user_static:
      break;
  }
  return in_files(probe, pids);
}

}  // namespace signalbox::profile
