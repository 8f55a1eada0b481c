// Names of machine code that a runtime made: /tmp/perf-PID.map, as Node, Java and CPython write it (Linux,
// tools/perf/Documentation/jit-interface.txt).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::profile {

class PerfMap {
 public:
  // Lines "START SIZE NAME", both numbers hexadecimal; of lines that overlap the last one holds. Others are
  // left out and counted.
  static PerfMap parse(std::string text);

  std::string_view find(std::uint64_t address) const;  // empty: unknown
  std::size_t size() const { return entries_.size(); }
  std::size_t lines_skipped() const { return lines_skipped_; }

 private:
  struct Entry {
    std::uint64_t start;
    std::uint64_t limit;
    std::string_view name;
  };

  std::unique_ptr<std::string> text_ =
      std::make_unique<std::string>();  // what the names are parts of, also after a move
  std::vector<Entry> entries_;          // by address, none over another
  std::size_t lines_skipped_ = 0;
};

// The map of a process, from where it wrote it: its own root and its own number. not_found: there is none.
Result<PerfMap> read_perf_map(std::int32_t pid);

// A name as a person reads it: without V8's marks of how it was compiled ("LazyCompile:*fib /app/x.js:1:13",
// "JS:~fib …"), and CPython's "py::".
std::string_view readable_jit_name(std::string_view name);

}  // namespace signalbox::profile
