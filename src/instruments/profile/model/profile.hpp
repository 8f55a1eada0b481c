// A profile in memory: stacks and what was measured on each. Every reader makes this value, every analysis
// and writer takes it. Readers build it with ProfileBuilder (builder.hpp), which keeps what is promised here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "instruments/profile/model/string_table.hpp"

namespace signalbox::profile {

// Indexes into the tables of one profile. Element 0 of each table means "none"; it is always there.
using MappingId = std::uint32_t;
using FunctionId = std::uint32_t;
using FrameId = std::uint32_t;
using StackId = std::uint32_t;
using ThreadId = std::uint32_t;
using LabelsId = std::uint32_t;

// One column of what was measured: ("samples", "count"), ("cpu", "nanoseconds"), ("offcpu", "nanoseconds").
struct ValueType {
  std::string type;
  std::string unit;
  bool operator==(const ValueType&) const = default;
};

// A file (or the kernel, or memory without a file) that code was mapped from.
struct Mapping {
  std::uint64_t start = 0;        // first address
  std::uint64_t limit = 0;        // one past the last; 0: unknown
  std::uint64_t file_offset = 0;  // of `start`
  StringId path;                  // "/usr/lib/libc.so.6", "[kernel.kallsyms]", "[vdso]"; empty: memory alone
  StringId build_id;              // lower-case hex; empty: unknown
};

struct Function {
  StringId name;         // for people: demangled
  StringId system_name;  // as the linker has it; empty where it is the same
  StringId file;         // source file; empty: unknown
  std::int64_t start_line = 0;
};

enum class FrameKind : std::uint8_t {
  user,         // machine code of a program
  kernel,       // of the kernel
  inlined,      // of a function that was inlined: the frames below it, down to the first that is not inlined,
                // have the same address
  jit,          // machine code that a runtime made
  interpreted,  // a line of Python and the like
  synthetic,    // said by the profiler: "[lost]", "[truncated: …]", "[idle]"
};
std::string_view name_of(FrameKind kind);  // "user" …

// One line of one stack, before it is known how often.
struct Frame {
  FunctionId function = 0;  // 0: only the address is known
  MappingId mapping = 0;
  std::uint64_t address = 0;  // in the process, already less one for return addresses; 0: unknown
  std::int32_t line = 0;      // 0: unknown
  std::int32_t column = 0;
  FrameKind kind = FrameKind::user;
  bool operator==(const Frame&) const = default;
};

// A node of the tree of all stacks: `frame` was called by the last frame of `parent`. Stack 0 is empty. A
// parent's id is always below its child's.
struct Stack {
  StackId parent = 0;
  FrameId frame = 0;
};

struct Thread {
  std::int32_t pid = 0;
  std::int32_t tid = 0;
  StringId name;     // of the thread
  StringId process;  // "clang-14"; empty: unknown
};

// What else is known of a sample, as pprof has it.
struct Label {
  StringId key;
  StringId text;  // empty: it is a number
  std::int64_t number = 0;
  StringId unit;
  bool operator==(const Label&) const = default;
};

// One row: its values are those of Profile::values_of.
struct Sample {
  StackId stack = 0;
  ThreadId thread = 0;
  LabelsId labels = 0;
  std::int64_t time_ns = -1;  // since the start of the profile, on a monotonic clock; -1: an aggregate
};

// What a profile says of itself: "command", "host", "git.commit"; in order.
using Annotations = std::vector<std::pair<std::string, std::string>>;
// The value of a key; nullopt where there is none.
std::optional<std::string_view> annotation(const Annotations& annotations, std::string_view key);

struct Profile {
  std::vector<ValueType> value_types;
  std::size_t default_value = 0;   // index into value_types: what is drawn when nobody says otherwise
  ValueType period_type;           // what one sample was taken after: ("cpu", "nanoseconds")
  std::int64_t period = 0;         // of it
  std::int64_t start_unix_ns = 0;  // 0: unknown
  std::int64_t duration_ns = 0;    // 0: unknown
  Annotations annotations;
  std::vector<std::string> comments;  // of a pprof that others wrote

  StringTable strings;
  std::vector<Mapping> mappings;
  std::vector<Function> functions;
  std::vector<Frame> frames;
  std::vector<Stack> stacks;
  std::vector<Thread> threads;
  std::vector<std::vector<Label>> labels;
  std::vector<Sample> samples;
  std::vector<std::int64_t> values;  // value_types.size() for each sample, row by row

  std::span<const std::int64_t> values_of(std::size_t sample) const {
    return {values.data() + sample * value_types.size(), value_types.size()};
  }
  std::string_view text(StringId id) const { return strings[id]; }
  // What a person reads for a frame: the function's name, else "module+0xoffset", else "0xaddress".
  std::string name_of_frame(FrameId frame) const;
  // The last part of a mapping's path: "libc.so.6"; empty for none.
  std::string_view module_of(const Frame& frame) const;
  // Sum of a column over all samples.
  std::int64_t total(std::size_t value) const;
};

// Index of the column with this type ("cpu", "samples"), or value_types.size().
std::size_t find_value(const Profile& profile, std::string_view type);

}  // namespace signalbox::profile
