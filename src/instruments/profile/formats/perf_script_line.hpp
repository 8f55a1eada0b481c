// The two kinds of lines in what `perf script` prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace signalbox::profile {

// "java 24636/25607 [000] 4794564.109216:  10101010 cycles:"
struct PerfHeader {
  std::string_view comm;
  std::int32_t pid = 0;  // 0: not told
  std::int32_t tid = 0;
  std::int64_t time_ns = -1;      // -1: not told
  std::int64_t period = 0;        // 0: not told
  std::string_view event;         // "cycles", "cpu-clock:u"; empty: not told
  std::string_view inline_frame;  // "ffffffff8104f45a native_write_msr_safe ([kernel.kallsyms])", without -g
};
std::optional<PerfHeader> perf_header_of(std::string_view line);

// "    7fffb84c9afc cpu_startup_entry+0x8 ([kernel.kallsyms])"
struct PerfFrame {
  std::uint64_t address = 0;
  std::string_view symbol;  // without its offset; "[unknown]"
  std::string_view module;  // a path, "[kernel.kallsyms]", "[unknown]"
};
std::optional<PerfFrame> perf_frame_of(std::string_view line);

}  // namespace signalbox::profile
