#include "instruments/profile/runtimes/python_layout.hpp"

#include <cstring>

#include <fmt/format.h>

namespace signalbox::profile {
namespace {

constexpr std::uint64_t kMostOffset = 1 << 20;  // of any field: more is no offset
// Of those in a code object, of which all in between is read at once: behind the head that every object has.
constexpr std::uint64_t kLeastOffsetInCode = 16;
constexpr std::uint64_t kMostOffsetInCode = 512;

// Columns: 3.8 to 3.13.
constexpr int kFirstMinor = 8;
constexpr std::size_t kVersions = 6;

struct Kinds {
  PythonFrames frames;
  PythonLineTable lines;
  PythonEntry entry;
};
constexpr Kinds kKinds[kVersions] = {
    {PythonFrames::objects, PythonLineTable::lnotab, PythonEntry::each},
    {PythonFrames::objects, PythonLineTable::lnotab, PythonEntry::each},
    {PythonFrames::objects, PythonLineTable::ranges, PythonEntry::each},
    {PythonFrames::by_c_frame, PythonLineTable::locations, PythonEntry::marked},
    {PythonFrames::by_c_frame, PythonLineTable::locations, PythonEntry::by_owner},
    {PythonFrames::by_thread, PythonLineTable::locations, PythonEntry::by_owner},
};

struct Row {
  std::uint64_t PythonLayout::*field;
  std::uint64_t offsets[kVersions];
};
// clang-format off
constexpr Row kRows[] = {
    {&PythonLayout::runtime_interpreters, { 32,  32,  32,  40,  40,  632}},
    {&PythonLayout::interpreter_next,     {  0,   0,   0,   0,   0, 7264}},
    {&PythonLayout::interpreter_threads,  {  8,   8,   8,  16,  72, 7344}},
    {&PythonLayout::thread_next,          {  8,   8,   8,   8,   8,    8}},
    {&PythonLayout::thread_frame,         { 24,  24,  24,  56,  56,   72}},
    {&PythonLayout::thread_id,            {176, 176, 176, 152, 136,  152}},
    {&PythonLayout::thread_native_id,     {  0,   0,   0, 160, 144,  160}},
    {&PythonLayout::c_frame_current,      {  0,   0,   0,   8,   0,    0}},
    {&PythonLayout::frame_previous,       { 24,  24,  24,  48,   8,    8}},
    {&PythonLayout::frame_code,           { 32,  32,  32,  32,   0,    0}},
    {&PythonLayout::frame_instruction,    {104, 104,  96,  56,  56,   56}},
    {&PythonLayout::frame_entry,          {  0,   0,   0,  68,  70,   70}},
    {&PythonLayout::code_file,            {104, 104, 104, 112, 112,  112}},
    {&PythonLayout::code_name,            {112, 112, 112, 128, 128,  128}},
    {&PythonLayout::code_first_line,      { 40,  40,  40,  72,  68,   68}},
    {&PythonLayout::code_lines,           {120, 120, 120, 136, 136,  136}},
    {&PythonLayout::code_instructions,    {  0,   0,   0, 184, 192,  200}},
    {&PythonLayout::ascii_bytes,          { 48,  48,  48,  48,  40,   40}},
    {&PythonLayout::unicode_bytes,        { 72,  72,  72,  72,  56,   56}},
};
// clang-format on

// Numbers of _Py_DebugOffsets of 3.13 (Include/internal/pycore_runtime.h), by their place.
enum Place : std::size_t {
  kPythonVersion = 1,
  kFreeThreaded = 2,
  kRuntimeInterpreters = 5,
  kInterpreterNext = 8,
  kInterpreterThreads = 9,
  kThreadNext = 21,
  kThreadFrame = 23,
  kThreadId = 24,
  kThreadNativeId = 25,
  kFramePrevious = 29,
  kFrameCode = 30,
  kFrameInstruction = 31,
  kFrameOwner = 33,
  kCodeFile = 35,
  kCodeName = 37,
  kCodeLines = 38,
  kCodeFirstLine = 39,
  kCodeInstructions = 43,
};

struct Told {
  std::uint64_t PythonLayout::*field;
  Place place;
};
constexpr Told kTold[] = {
    {&PythonLayout::runtime_interpreters, kRuntimeInterpreters},
    {&PythonLayout::interpreter_next, kInterpreterNext},
    {&PythonLayout::interpreter_threads, kInterpreterThreads},
    {&PythonLayout::thread_next, kThreadNext},
    {&PythonLayout::thread_frame, kThreadFrame},
    {&PythonLayout::thread_id, kThreadId},
    {&PythonLayout::thread_native_id, kThreadNativeId},
    {&PythonLayout::frame_previous, kFramePrevious},
    {&PythonLayout::frame_code, kFrameCode},
    {&PythonLayout::frame_instruction, kFrameInstruction},
    {&PythonLayout::frame_entry, kFrameOwner},
    {&PythonLayout::code_file, kCodeFile},
    {&PythonLayout::code_name, kCodeName},
    {&PythonLayout::code_lines, kCodeLines},
    {&PythonLayout::code_first_line, kCodeFirstLine},
    {&PythonLayout::code_instructions, kCodeInstructions},
};

}  // namespace

std::optional<PythonLayout> python_layout(int minor) {
  if (minor < kFirstMinor || minor >= kFirstMinor + static_cast<int>(kVersions)) return std::nullopt;
  const auto column = static_cast<std::size_t>(minor - kFirstMinor);
  PythonLayout out;
  out.minor = minor;
  out.frames = kKinds[column].frames;
  out.lines = kKinds[column].lines;
  out.entry = kKinds[column].entry;
  for (const Row& row : kRows) out.*row.field = row.offsets[column];
  return out;
}

Result<PythonLayout> python_layout_of(std::string_view octets) {
  constexpr std::string_view kCookie = "xdebugpy";
  constexpr int kKnownMinor = 13;
  if (octets.size() < kPythonOffsetsBytes || !octets.starts_with(kCookie))
    return fail(ErrorKind::bad_input, "its runtime does not begin with offsets");
  const auto number = [&](std::size_t place) {
    std::uint64_t out = 0;
    std::memcpy(&out, octets.data() + place * sizeof out, sizeof out);
    return out;
  };
  const std::uint64_t version = number(kPythonVersion);
  if (version >> 24 != 3 || (version >> 16 & 0xff) != kKnownMinor)
    return fail(ErrorKind::unavailable,
                fmt::format("Python {}.{} is not known", version >> 24 & 0xff, version >> 16 & 0xff));
  if (number(kFreeThreaded) != 0)
    return fail(ErrorKind::unavailable, "Python without its global lock is not known");
  PythonLayout out = *python_layout(kKnownMinor);
  for (const auto& [field, place] : kTold) {
    const std::uint64_t offset = number(place);
    const bool is_in_code = place >= kCodeFile;
    if (offset > (is_in_code ? kMostOffsetInCode : kMostOffset) ||
        (is_in_code && offset < kLeastOffsetInCode))
      return fail(ErrorKind::bad_input, "its runtime begins with what is no offset");
    out.*field = offset;
  }
  return out;
}

}  // namespace signalbox::profile
