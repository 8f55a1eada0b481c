// Where CPython of a version keeps what is read from outside.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/base/result.hpp"
#include "instruments/profile/runtimes/python_lines.hpp"

namespace signalbox::profile {

// How a thread's innermost frame is found, and what frames are.
enum class PythonFrames {
  objects,     // to 3.10: PyFrameObject, by tstate->frame
  by_c_frame,  // 3.11, 3.12: _PyInterpreterFrame, by tstate->cframe->current_frame
  by_thread,   // 3.13: the same, by tstate->current_frame
};

// How one sees which frames C called: each of those begins a run of Python frames in one frame of C.
enum class PythonEntry {
  each,      // to 3.10: all
  marked,    // 3.11: those that say so
  by_owner,  // from 3.12 on: those whose caller is a frame that C owns, which is no function
};

// Offsets in octets into the structures that CPython's headers call so.
struct PythonLayout {
  int minor = 0;  // 3.minor
  PythonFrames frames = PythonFrames::objects;
  PythonLineTable lines = PythonLineTable::lnotab;

  std::uint64_t runtime_interpreters = 0;  // _PyRuntimeState.interpreters.head
  std::uint64_t interpreter_next = 0;      // PyInterpreterState.next
  std::uint64_t interpreter_threads = 0;   // .tstate_head, .threads.head

  std::uint64_t thread_next = 0;       // PyThreadState.next
  std::uint64_t thread_frame = 0;      // .frame, .cframe, .current_frame
  std::uint64_t thread_id = 0;         // .thread_id
  std::uint64_t thread_native_id = 0;  // .native_thread_id; 0: it has none, to 3.10

  std::uint64_t c_frame_current = 0;  // _PyCFrame.current_frame

  std::uint64_t frame_previous = 0;     // f_back, previous
  std::uint64_t frame_code = 0;         // f_code, f_executable
  std::uint64_t frame_instruction = 0;  // f_lasti (a number), prev_instr, instr_ptr (pointers)
  PythonEntry entry = PythonEntry::each;
  std::uint64_t frame_entry = 0;  // is_entry, owner: what `entry` goes by

  std::uint64_t code_file = 0;          // PyCodeObject.co_filename
  std::uint64_t code_name = 0;          // .co_qualname, to 3.10 .co_name
  std::uint64_t code_first_line = 0;    // .co_firstlineno
  std::uint64_t code_lines = 0;         // .co_linetable, .co_lnotab
  std::uint64_t code_instructions = 0;  // .co_code_adaptive; 0: instructions are counted

  std::uint64_t ascii_bytes = 0;    // sizeof(PyASCIIObject)
  std::uint64_t unicode_bytes = 0;  // sizeof(PyCompactUnicodeObject)

  bool operator==(const PythonLayout&) const = default;
};

// Of 3.8 to 3.13, from the headers of these versions; nullopt: another.
std::optional<PythonLayout> python_layout(int minor);

// What 3.13 says itself, at the beginning of _PyRuntime: `octets` are its first kPythonOffsetsBytes.
// bad_input where it does not begin so, unavailable where it is of a version or a build that is not known.
inline constexpr std::size_t kPythonOffsetsBytes = 512;
Result<PythonLayout> python_layout_of(std::string_view octets);

}  // namespace signalbox::profile
