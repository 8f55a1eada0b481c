// Samples as they are taken: addresses in code objects, before anything has a name.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// Index into the recorder's table of code objects: an ELF file, the kernel, memory of one process that a
// runtime wrote.
using CodeId = std::uint32_t;
inline constexpr CodeId kNoCode = 0;

// One address of a stack. `address` is a virtual address of the ELF file where there is one, else of the
// process; less one already where it is a return address. For synthetic frames it is an index into
// RawProfile::words, for interpreted ones of RawProfile::line.
struct RawFrame {
  CodeId code = kNoCode;
  FrameKind kind = FrameKind::user;
  std::uint64_t address = 0;
  bool is_of_waker = false;  // it stands below its caller, not above: so do the functions inlined into it
  bool operator==(const RawFrame&) const = default;
};

struct RawNode {
  std::uint32_t parent = 0;  // always below this one's own number
  RawFrame frame;
};

// What is known of the ends of a wait.
enum class WaitEnds : std::uint8_t {
  both_seen = 0,
  began_before = 1,  // the recording
  not_over = 2,      // when the recording ended
  neither_seen = 3,
};

// A line of a function that is interpreted.
struct InterpretedLine {
  StringId function;  // of RawProfile::text
  StringId file;
  std::int32_t first_line = 0;  // of the function
  std::int32_t line = 0;        // 0: it is not known
  bool operator==(const InterpretedLine&) const = default;
};

struct RawSample {
  std::uint32_t stack = 0;  // a RawNode
  std::uint32_t thread = 0;
  std::int64_t time_ns = 0;  // since the start
  std::int64_t count = 1;
  std::int64_t cpu_ns = 0;  // on a processor
  std::int64_t off_ns = 0;  // off it
  WaitEnds ends = WaitEnds::both_seen;
};

class RawProfile {
 public:
  RawProfile() : nodes_(1) {}

  std::uint32_t stack(std::uint32_t parent, const RawFrame& frame);
  std::uint32_t synthetic(std::uint32_t parent, std::string_view words);
  std::uint32_t interpreted(std::uint32_t parent, const InterpretedLine& line);
  StringId keep(std::string_view text) { return words_.add(text); }
  void add(const RawSample& sample) { samples_.push_back(sample); }

  // The sample (its number in samples()) stands for less processor time.
  void take_back(std::size_t sample, std::int64_t cpu_ns) { samples_[sample].cpu_ns -= cpu_ns; }

  const std::vector<RawNode>& nodes() const { return nodes_; }
  const std::vector<RawSample>& samples() const { return samples_; }
  // The samples so far, which are gone from here then; their stacks stay.
  std::vector<RawSample> take_samples() { return std::exchange(samples_, {}); }
  std::string_view words(std::uint64_t number) const {
    return words_[StringId{static_cast<std::uint32_t>(number)}];
  }
  std::string_view text(StringId id) const { return words_[id]; }
  const InterpretedLine& line(std::uint64_t number) const { return lines_[number]; }

 private:
  struct Key {
    std::uint32_t parent;
    RawFrame frame;
    bool operator==(const Key&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  std::vector<RawNode> nodes_;
  std::unordered_map<Key, std::uint32_t, Hash> numbers_;
  std::vector<RawSample> samples_;
  StringTable words_;
  std::vector<InterpretedLine> lines_;
  struct LineHash {
    std::size_t operator()(const InterpretedLine& line) const;
  };
  std::unordered_map<InterpretedLine, std::uint64_t, LineHash> line_numbers_;
};

}  // namespace signalbox::profile
