#include "instruments/profile/runtimes/python_layout.hpp"

#include <cstring>

#include <fmt/format.h>

namespace signalbox::profile {
namespace {

constexpr std::uint64_t kMostOffset = 1 << 20;  // of any field: more is no offset
// Of those in a code object, of which all in between is read at once: behind the head that every object has.
constexpr std::uint64_t kLeastOffsetInCode = 16;
constexpr std::uint64_t kMostOffsetInCode = 512;

PythonLayout of_3_8() {
  PythonLayout out;
  out.minor = 8;
  out.frames = PythonFrames::objects;
  out.lines = PythonLineTable::lnotab;
  out.runtime_interpreters = 32;
  out.interpreter_next = 0;
  out.interpreter_threads = 8;
  out.thread_next = 8;
  out.thread_frame = 24;
  out.thread_id = 176;
  out.frame_previous = 24;
  out.frame_code = 32;
  out.frame_instruction = 104;
  out.code_file = 104;
  out.code_name = 112;
  out.code_first_line = 40;
  out.code_lines = 120;
  out.ascii_bytes = 48;
  out.unicode_bytes = 72;
  return out;
}

PythonLayout of_3_10() {
  PythonLayout out = of_3_8();
  out.minor = 10;
  out.lines = PythonLineTable::ranges;
  out.frame_instruction = 96;
  return out;
}

PythonLayout of_3_11() {
  PythonLayout out = of_3_10();
  out.minor = 11;
  out.frames = PythonFrames::by_c_frame;
  out.lines = PythonLineTable::locations;
  out.runtime_interpreters = 40;
  out.interpreter_threads = 16;
  out.thread_frame = 56;
  out.thread_id = 152;
  out.thread_native_id = 160;
  out.c_frame_current = 8;
  out.frame_previous = 48;
  out.frame_code = 32;
  out.frame_instruction = 56;
  out.entry = PythonEntry::marked;
  out.frame_entry = 68;
  out.code_file = 112;
  out.code_name = 128;
  out.code_first_line = 72;
  out.code_lines = 136;
  out.code_instructions = 184;
  return out;
}

PythonLayout of_3_12() {
  PythonLayout out = of_3_11();
  out.minor = 12;
  out.interpreter_threads = 72;
  out.thread_id = 136;
  out.thread_native_id = 144;
  out.c_frame_current = 0;
  out.frame_previous = 8;
  out.frame_code = 0;
  out.entry = PythonEntry::by_owner;
  out.frame_entry = 70;
  out.code_first_line = 68;
  out.code_instructions = 192;
  out.ascii_bytes = 40;
  out.unicode_bytes = 56;
  return out;
}

PythonLayout of_3_13() {
  PythonLayout out = of_3_12();
  out.minor = 13;
  out.frames = PythonFrames::by_thread;
  out.runtime_interpreters = 632;
  out.interpreter_next = 7264;
  out.interpreter_threads = 7344;
  out.thread_frame = 72;
  out.thread_id = 152;
  out.thread_native_id = 160;
  out.code_instructions = 200;
  return out;
}

// Numbers of _Py_DebugOffsets of 3.13 (Include/internal/pycore_runtime.h), by their place.
enum Place : std::size_t {
  kVersion = 1,
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

}  // namespace

std::optional<PythonLayout> python_layout(int minor) {
  switch (minor) {
    case 8:
      return of_3_8();
    case 9: {
      PythonLayout out = of_3_8();
      out.minor = 9;
      return out;
    }
    case 10:
      return of_3_10();
    case 11:
      return of_3_11();
    case 12:
      return of_3_12();
    case 13:
      return of_3_13();
    default:
      return std::nullopt;
  }
}

Result<PythonLayout> python_layout_of(std::string_view octets) {
  constexpr std::string_view kCookie = "xdebugpy";
  constexpr unsigned kKnownMinor = 13;
  if (octets.size() < kPythonOffsetsBytes || !octets.starts_with(kCookie))
    return fail(ErrorKind::bad_input, "its runtime does not begin with offsets");
  const auto number = [&](std::size_t place) {
    std::uint64_t out = 0;
    std::memcpy(&out, octets.data() + place * sizeof out, sizeof out);
    return out;
  };
  const std::uint64_t version = number(kVersion);
  if (version >> 24 != 3 || (version >> 16 & 0xff) != kKnownMinor)
    return fail(ErrorKind::unavailable,
                fmt::format("Python {}.{} is not known", version >> 24 & 0xff, version >> 16 & 0xff));
  if (number(kFreeThreaded) != 0)
    return fail(ErrorKind::unavailable, "Python without its global lock is not known");
  PythonLayout out = of_3_13();
  const std::pair<std::uint64_t*, Place> fields[] = {{&out.runtime_interpreters, kRuntimeInterpreters},
                                                     {&out.interpreter_next, kInterpreterNext},
                                                     {&out.interpreter_threads, kInterpreterThreads},
                                                     {&out.thread_next, kThreadNext},
                                                     {&out.thread_frame, kThreadFrame},
                                                     {&out.thread_id, kThreadId},
                                                     {&out.thread_native_id, kThreadNativeId},
                                                     {&out.frame_previous, kFramePrevious},
                                                     {&out.frame_code, kFrameCode},
                                                     {&out.frame_instruction, kFrameInstruction},
                                                     {&out.frame_entry, kFrameOwner},
                                                     {&out.code_file, kCodeFile},
                                                     {&out.code_name, kCodeName},
                                                     {&out.code_lines, kCodeLines},
                                                     {&out.code_first_line, kCodeFirstLine},
                                                     {&out.code_instructions, kCodeInstructions}};
  for (const auto& [field, place] : fields) {
    *field = number(place);
    const bool is_in_code = place >= kCodeFile;
    if (*field > (is_in_code ? kMostOffsetInCode : kMostOffset) ||
        (is_in_code && *field < kLeastOffsetInCode))
      return fail(ErrorKind::bad_input, "its runtime begins with what is no offset");
  }
  return out;
}

}  // namespace signalbox::profile
