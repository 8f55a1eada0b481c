// Names and lines of machine code that a runtime made: jit-PID.dump, as V8 (--perf-prof), LLVM, .NET and
// agents of the JVM write it (Linux, tools/perf/Documentation/jitdump-specification.txt).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/runtimes/laid_ranges.hpp"

namespace signalbox::profile {

// Where an address lies in what a runtime compiled.
struct JitLine {
  std::string_view function;
  std::string_view file;    // where the function begins; empty: not said
  std::int32_t line = 0;    // in that file; 0: not said, or in the file of another that was inlined
  std::int32_t column = 0;  // 0: not said
};

class JitDump {
 public:
  // bad_input where it does not begin as a dump of this byte order and version 1. A record that its writer
  // has not finished ends it; those that are no records are left out and counted.
  static Result<JitDump> parse(std::string octets);

  // Of code that lay at an address one after another, the last; what was moved is found where it was, too.
  std::optional<JitLine> find(std::uint64_t address) const;
  std::size_t size() const { return code_.size(); }  // records of code
  std::size_t records_skipped() const { return records_skipped_; }

 private:
  struct Line {
    std::uint64_t offset;  // in its code
    std::int32_t line;
    std::int32_t column;
    std::string_view file;
  };
  struct Lines {
    std::size_t first = 0;  // of lines_
    std::size_t limit = 0;
  };
  struct Code {
    std::string_view name;
    Lines lines;
  };
  struct Placed {
    std::size_t code;  // index into code_
    std::uint64_t start;
  };
  struct Reading;

  std::unique_ptr<std::string> octets_;  // what the names are parts of, also after a move
  std::vector<Line> lines_;
  std::vector<Code> code_;
  LaidRanges<Placed> placed_;
  std::size_t records_skipped_ = 0;
};

}  // namespace signalbox::profile
