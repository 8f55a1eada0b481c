#include "instruments/profile/runtimes/python_reader.hpp"

#include <cstring>
#include <initializer_list>
#include <map>

#include <gtest/gtest.h>

#include "instruments/profile/runtimes/made_memory.hpp"
#include "instruments/profile/runtimes/python_text.hpp"

namespace signalbox::profile {
namespace {

class Made {
 public:
  std::string octets = std::string(0x4000, '\0');
  template <class Value>
  void put(std::uint64_t at, Value value) {
    std::memcpy(octets.data() + at, &value, sizeof value);
  }
  static std::uint64_t at(std::uint64_t place) { return MadeMemory::kBegin + place; }
  std::unique_ptr<MadeMemory> memory() const { return std::make_unique<MadeMemory>(octets); }
  void put_text(std::uint64_t place, const PythonLayout& layout, std::string_view text) {
    put<std::uint64_t>(place + 16, text.size());
    put<std::uint32_t>(place + 32, 1 << 2 | 1 << 5 | 1 << 6);  // an octet each, compact, ASCII
    std::memcpy(octets.data() + place + layout.ascii_bytes, text.data(), text.size());
  }
};

constexpr std::uint64_t kRuntime = 0x100;
constexpr std::uint64_t kInterpreter = 0x1000;
constexpr std::uint64_t kThread = 0x2000;
constexpr std::uint64_t kCode = 0x2800;
constexpr std::uint64_t kType = 0x42;

// A Python 3.11 with one thread and one code object, whose line 7 has four octets of instructions, and line 9
// two.
Made made_3_11() {
  const PythonLayout layout = *python_layout(11);
  Made out;
  out.put(kRuntime + layout.runtime_interpreters, Made::at(kInterpreter));
  out.put(kInterpreter + layout.interpreter_threads, Made::at(kThread));
  out.put<std::uint64_t>(kThread + layout.thread_id, 77);
  out.put<std::uint64_t>(kThread + layout.thread_native_id, 5);
  out.put(kCode + 8, kType);
  out.put(kCode + layout.code_name, Made::at(0x3000));
  out.put(kCode + layout.code_file, Made::at(0x3100));
  out.put(kCode + layout.code_lines, Made::at(0x3200));
  out.put<std::int32_t>(kCode + layout.code_first_line, 7);
  out.put_text(0x3000, layout, "Shop.total");
  out.put_text(0x3100, layout, "/shop.py");
  const char lines[] = "\xd1\x05\x05\xe0\x04\x01";  // two units, no change; one unit, two lines later
  out.put<std::uint64_t>(0x3200 + 16, 6);
  std::memcpy(out.octets.data() + 0x3200 + 32, lines, 6);
  return out;
}

PythonReader reader_of(const Made& made) {
  return {made.memory(), {*python_layout(11), Made::at(kRuntime), kType}};
}

TEST(PythonReader, ThreadsAndFunctionsAreRead) {
  PythonReader reader = reader_of(made_3_11());
  const auto threads = reader.threads();
  ASSERT_TRUE(threads);
  ASSERT_EQ(threads->size(), 1U);
  EXPECT_EQ(threads->front().id, 77U);
  EXPECT_EQ(threads->front().native_id, 5U);
  EXPECT_EQ(threads->front().state, Made::at(kThread));
  const std::uint64_t begin = Made::at(kCode) + python_layout(11)->code_instructions;
  const std::vector<PythonInstruction> at{{Made::at(kCode), begin + 2}, {Made::at(kCode), begin + 4}};
  const std::vector<PythonFrame> frames = reader.name(at);
  ASSERT_EQ(frames.size(), 2U);
  ASSERT_TRUE(frames[0].function && frames[1].function);
  EXPECT_EQ(frames[0].function->name, "Shop.total");
  EXPECT_EQ(frames[0].function->file, "/shop.py");
  EXPECT_EQ(frames[0].function->first_line, 7);
  EXPECT_EQ(frames[0].line, 7);
  EXPECT_EQ(frames[1].line, 9);
}

TEST(PythonReader, WhatIsNoCodeHasNoName) {
  Made made = made_3_11();
  made.put<std::uint64_t>(kCode + 8, kType + 1);
  EXPECT_EQ(reader_of(made).name(std::vector<PythonInstruction>{{Made::at(kCode), 0}})[0].function, nullptr);
  // Of several, one that cannot be read takes no name from the others.
  const std::vector<PythonInstruction> two{{1, 0}, {Made::at(kCode), 0}};
  const auto frames = reader_of(made_3_11()).name(two);
  EXPECT_EQ(frames[0].function, nullptr);
  EXPECT_NE(frames[1].function, nullptr);
}

TEST(PythonReader, AListThatGoesRoundEnds) {
  Made made = made_3_11();
  made.put(kThread + python_layout(11)->thread_next, Made::at(kThread));
  made.put(kInterpreter + python_layout(11)->interpreter_next, Made::at(kInterpreter));
  const auto threads = reader_of(made).threads();
  ASSERT_TRUE(threads);
  EXPECT_LE(threads->size(), 4096U);
}

// A process may have code objects with tables of lines as long as it likes.
TEST(PythonReader, NoMoreOctetsAreKeptThanThereMayBe) {
  Made made = made_3_11();
  constexpr std::size_t kTable = 0x10000;
  constexpr std::uint64_t kTableBytes = 4 << 20;
  constexpr std::size_t kCodes = 64;
  made.octets.resize(kTable + 32 + kTableBytes, '\0');
  made.put<std::uint64_t>(kTable + 16, kTableBytes);
  made.put(kCode + python_layout(11)->code_lines, Made::at(kTable));
  std::vector<PythonInstruction> at;
  for (std::size_t i = 0; i < kCodes; ++i) {
    const std::size_t copy = 0x4000 + i * 0x100;
    made.octets.replace(copy, 0x100, made.octets.substr(kCode, 0x100));
    at.push_back({Made::at(copy), 0});
  }
  PythonReader reader = reader_of(made);
  for (int round = 0; round < 2; ++round) {
    for (const PythonFrame& frame : reader.name(at)) {
      ASSERT_TRUE(frame.function);
      EXPECT_EQ(frame.function->name, "Shop.total");
    }
    EXPECT_LE(reader.kept_octets(), PythonReader::kMaxKeptOctets);
    EXPECT_GT(reader.kept_octets(), kTableBytes);
  }
  // What takes the place of another is counted once.
  PythonReader again = reader_of(made_3_11());
  const std::vector<PythonInstruction> one{{Made::at(kCode), 0}};
  again.name(one);
  const std::size_t octets = again.kept_octets();
  again.name(one);
  EXPECT_EQ(again.kept_octets(), octets);
}

TEST(PythonReader, MemoryThatIsGoneIsSaid) {
  PythonReader reader({std::make_unique<MadeMemory>(""), {*python_layout(11), 0, 0}});
  EXPECT_EQ(reader.threads().error().kind, ErrorKind::unavailable);
}

// Frames in memory of a program that may be no friend: which version they are of, and where they lie.
class MadeStack {
 public:
  explicit MadeStack(int minor) : layout(*python_layout(minor)) {
    made.octets.resize(kFrames + std::size_t{5'000} * kFrameOctets, '\0');
    made.put<std::uint64_t>(kThread + layout.thread_id, 77);
    std::uint64_t top = kThread + layout.thread_frame;
    if (layout.frames == PythonFrames::by_c_frame) {
      made.put(top, Made::at(kCFrame));
      top = kCFrame + layout.c_frame_current;
    }
    top_ = top;
    lead_to(Made::at(kFrames));
  }
  void lead_to(std::uint64_t frame) { made.put(top_, frame); }
  static std::uint64_t place(std::size_t number) { return Made::at(kFrames + number * kFrameOctets); }
  void put_frame(std::size_t number, std::uint64_t code, std::uint64_t previous, std::uint8_t entry = 0) {
    const std::uint64_t at = kFrames + number * kFrameOctets;
    made.put(at + layout.frame_code, code);
    made.put<std::uint64_t>(at + layout.frame_instruction, number);
    if (layout.entry != PythonEntry::each) made.put(at + layout.frame_entry, entry);
    made.put(at + layout.frame_previous, previous);
  }
  PythonReader reader() const { return {made.memory(), {layout, Made::at(kRuntime), kType}}; }
  PythonStack read(std::uint64_t id = 77) const { return reader().stack_of({id, 5, Made::at(kThread)}); }

  PythonLayout layout;
  Made made;

 private:
  static constexpr std::uint64_t kCFrame = 0x2400;
  static constexpr std::size_t kFrames = 0x4000;
  static constexpr std::size_t kFrameOctets = 0x80;
  std::uint64_t top_ = 0;
};

class PythonStacksOf : public ::testing::TestWithParam<int> {};

TEST_P(PythonStacksOf, AreReadInnermostFirst) {
  MadeStack made(GetParam());
  const bool has_owners = made.layout.entry == PythonEntry::by_owner;
  made.put_frame(0, 0x4201, MadeStack::place(1));  // tagged
  made.put_frame(1, 0x5000, MadeStack::place(2), has_owners ? 0 : 1);
  made.put_frame(2, 0x6000, has_owners ? MadeStack::place(3) : 0);
  if (has_owners) made.put_frame(3, 0, 0, 3);
  const PythonStack stack = made.read();
  ASSERT_EQ(stack.frames.size(), 3U);
  EXPECT_EQ(stack.frames[0].code, 0x4200U);
  EXPECT_EQ(stack.frames[1].code, 0x5000U);
  EXPECT_EQ(stack.frames[1].instruction & 0xffffffff, 1U);
  EXPECT_EQ(stack.depth, PythonDepth::whole);
  using enum PythonCall;
  const std::vector<PythonCall> calls = made.layout.entry == PythonEntry::each ? std::vector{by_c, by_c, by_c}
                                        : has_owners ? std::vector{by_python, by_python, by_c}
                                                     : std::vector{by_python, by_c, by_python};
  EXPECT_EQ(stack.calls, calls);
  EXPECT_TRUE(made.read(78).frames.empty()) << "another thread has its place";
}

TEST_P(PythonStacksOf, ThatGoRoundOrAreTooDeepEnd) {
  MadeStack made(GetParam());
  made.put_frame(0, 0x5000, MadeStack::place(0));
  PythonStack stack = made.read();
  EXPECT_EQ(stack.frames.size(), PythonReader::kMaxStackFrames);
  EXPECT_EQ(stack.calls.size(), stack.frames.size());
  EXPECT_EQ(stack.depth, PythonDepth::outer_missing);
  if (made.layout.entry == PythonEntry::by_owner) {  // frames that are no functions go round, too
    made.put_frame(0, 0x5000, MadeStack::place(1));
    made.put_frame(1, 0, MadeStack::place(1), 3);
    stack = made.read();
    EXPECT_EQ(stack.frames.size(), 1U);
    EXPECT_EQ(stack.depth, PythonDepth::outer_missing);
  }
  constexpr std::size_t kMost = PythonReader::kMaxStackFrames;
  for (std::size_t i = 0; i < kMost; ++i) made.put_frame(i, 0x5000, MadeStack::place(i + 1));
  made.put_frame(kMost - 1, 0x5000, 0);
  EXPECT_EQ(made.read().depth, PythonDepth::whole) << "as deep as there may be";
  made.put_frame(kMost - 1, 0x5000, MadeStack::place(kMost));
  made.put_frame(kMost, 0x5000, 0);
  stack = made.read();
  EXPECT_EQ(stack.frames.size(), kMost);
  EXPECT_EQ(stack.depth, PythonDepth::outer_missing);
}

TEST_P(PythonStacksOf, ThatLeadAstrayAreNone) {
  // The last one begins in memory, and ends beyond it.
  MadeStack made(GetParam());
  const std::uint64_t limit = Made::at(made.made.octets.size());
  for (const std::uint64_t wild : {std::uint64_t{1}, UINT64_MAX, UINT64_MAX - 40, std::uint64_t{1} << 63,
                                   MadeMemory::kBegin - 0x100, limit, limit - 8}) {
    made.put_frame(0, 0x5000, wild);
    made.lead_to(MadeStack::place(0));
    EXPECT_TRUE(made.read().frames.empty()) << wild;
    made.lead_to(wild);
    EXPECT_TRUE(made.read().frames.empty()) << wild;
    EXPECT_TRUE(made.reader().stack_of({0, 0, wild}).frames.empty()) << wild;
  }
  made.lead_to(0);
  EXPECT_TRUE(made.read().frames.empty()) << "in no function";
}

// Names of what such frames lead to.
TEST_P(PythonStacksOf, OfWildCodeHaveNoNames) {
  MadeStack made(GetParam());
  PythonReader reader = made.reader();
  std::vector<PythonInstruction> at;
  for (const std::uint64_t code : {std::uint64_t{0}, std::uint64_t{8}, UINT64_MAX, UINT64_MAX - 7,
                                   Made::at(made.made.octets.size()) - 8})
    at.push_back({code, UINT64_MAX});
  for (const PythonFrame& frame : reader.name(at)) EXPECT_EQ(frame.function, nullptr);
  // A name, and a table of lines, as long as can be said.
  made.made.put(kCode + 8, kType);
  made.made.put(kCode + made.layout.code_name, Made::at(0x3000));
  made.made.put(kCode + made.layout.code_file, Made::at(0x3000));
  made.made.put(kCode + made.layout.code_lines, Made::at(0x3200));
  made.made.put_text(0x3000, made.layout, "f");
  const std::vector<PythonInstruction> one{{Made::at(kCode), UINT64_MAX}};
  ASSERT_NE(made.reader().name(one)[0].function, nullptr);
  for (const std::uint64_t place : {0x3000, 0x3200}) {
    MadeStack other = made;
    other.made.put(place + 16, UINT64_MAX);
    EXPECT_EQ(other.reader().name(one)[0].function, nullptr) << place;
  }
}

INSTANTIATE_TEST_SUITE_P(Versions, PythonStacksOf, ::testing::Range(8, 14));

TEST(PythonText, OfAnyWidthIsUtf8AndLongOnesAreCut) {
  const PythonLayout layout = *python_layout(11);
  Made made;
  made.put<std::uint64_t>(16, 2);
  made.put<std::uint32_t>(32, 2 << 2 | 1 << 5);
  made.put<std::uint16_t>(layout.unicode_bytes, 0xe9);
  made.put<std::uint16_t>(layout.unicode_bytes + 2, 0xd800);  // half a character
  EXPECT_EQ(read_python_text(*made.memory(), layout, Made::at(0)), "\xc3\xa9\xef\xbf\xbd");
  made.put<std::uint64_t>(16, 100'000);
  made.octets.resize(0x10000);
  EXPECT_LE(read_python_text(*made.memory(), layout, Made::at(0))->size(), 4096U * 3);
  made.put<std::uint32_t>(32, 3 << 2 | 1 << 5);  // no width that there is
  EXPECT_EQ(read_python_text(*made.memory(), layout, Made::at(0)), std::nullopt);
  made.put<std::uint64_t>(16, UINT64_MAX);
  EXPECT_EQ(read_python_bytes(*made.memory(), Made::at(0)), std::nullopt);
}

TEST(PythonOffsets, OfOtherVersionsAndBuildsAreRefused) {
  std::string octets(kPythonOffsetsBytes, '\0');
  EXPECT_EQ(python_layout_of(octets).error().kind, ErrorKind::bad_input);
  octets.replace(0, 8, "xdebugpy");
  const auto put = [&](std::size_t place, std::uint64_t value) {
    std::memcpy(octets.data() + place * 8, &value, 8);
  };
  put(1, 0x030e00f0);
  EXPECT_EQ(python_layout_of(octets).error().message, "Python 3.14 is not known");
  put(1, 0x030d00f0);
  put(2, 1);
  EXPECT_EQ(python_layout_of(octets).error().kind, ErrorKind::unavailable);
  put(2, 0);
  EXPECT_EQ(python_layout_of(octets).error().kind, ErrorKind::bad_input) << "all in one place";
  // Of a code object: co_filename, co_qualname, co_linetable, co_firstlineno, co_code_adaptive.
  constexpr std::size_t kOfCode[] = {35, 37, 38, 39, 43};
  for (const std::size_t place : kOfCode) put(place, 16);
  EXPECT_TRUE(python_layout_of(octets));
  for (const std::size_t place : kOfCode) {
    // Before its first field, or further than any code object reaches.
    for (const std::uint64_t offset : std::initializer_list<std::uint64_t>{0, 7, 15, 513, UINT64_MAX}) {
      put(place, offset);
      EXPECT_EQ(python_layout_of(octets).error().kind, ErrorKind::bad_input) << place << ' ' << offset;
    }
    put(place, 512);
    EXPECT_TRUE(python_layout_of(octets));
  }
  put(31, UINT64_MAX);
  EXPECT_EQ(python_layout_of(octets).error().kind, ErrorKind::bad_input);
  EXPECT_EQ(python_layout(7), std::nullopt);
  EXPECT_EQ(python_layout(14), std::nullopt);
}

}  // namespace
}  // namespace signalbox::profile
