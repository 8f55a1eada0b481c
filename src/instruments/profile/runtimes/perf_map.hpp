// Names of machine code that a runtime made: /tmp/perf-PID.map, as Node, Java and CPython write it (Linux,
// tools/perf/Documentation/jit-interface.txt).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/result.hpp"
#include "instruments/profile/runtimes/laid_ranges.hpp"

namespace signalbox::profile {

class PerfMap {
 public:
  // Lines "START SIZE NAME", both numbers hexadecimal; of lines that overlap the last one holds. Others are
  // left out and counted.
  static PerfMap parse(std::string text);

  std::string_view find(std::uint64_t address) const;  // empty: unknown
  std::size_t size() const { return names_.size(); }
  std::size_t lines_skipped() const { return lines_skipped_; }

 private:
  std::unique_ptr<std::string> text_ =
      std::make_unique<std::string>();  // what the names are parts of, also after a move
  LaidRanges<std::string_view> names_;
  std::size_t lines_skipped_ = 0;
};

// Where a process writes its map, as it sees it itself.
std::string perf_map_path(std::int32_t pid);

// The map of a process, from where it wrote it: its own root and its own number; where it is gone, what it
// left in ours. not_found: there is none; denied: it is another's; conflict: it was written before the
// process began, at `started_unix_ns` (0: not known).
Result<PerfMap> read_perf_map(std::int32_t pid, std::int64_t started_unix_ns = 0);

// A name as a person reads it: without V8's marks of how it was compiled ("LazyCompile:*fib /app/x.js:1:13",
// "JS:~fib …"), and CPython's "py::".
std::string_view readable_jit_name(std::string_view name);

}  // namespace signalbox::profile
