// What is known of each version of CPython, compared with what its headers declare, and used to read a
// program that lies in memory as these say.
#include "instruments/profile/runtimes/python_layout.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "instruments/profile/runtimes/made_memory.hpp"
#include "instruments/profile/runtimes/python_reader.hpp"

namespace signalbox::profile {
namespace {

// A structure as a header declares it: its fields in their order, up to the last one that is of use, each
// with its octets. A field lies at the next multiple of its size, of 8 at most.
using Structure = std::string_view;

struct Version {
  int minor;
  Structure runtime, interpreter, thread, c_frame, frame, code, ascii, unicode;
  std::string_view line_table;  // of code in lines 10, 11 and 13: of 4, 6 and 4 octets
};

void PrintTo(const Version& of, std::ostream* out) {
  *out << "Python 3." << of.minor;
}

constexpr Structure kInterpreters8 =
    "preinitializing/4 preinitialized/4 core_initialized/4 initialized/4 finalizing/8 mutex/8 head/8";
constexpr Structure kInterpreters11 =
    "_initialized/4 preinitializing/4 preinitialized/4 core_initialized/4 initialized/4 finalizing/8 "
    "mutex/8 head/8";
constexpr Structure kThread8 =
    "prev/8 next/8 interp/8 frame/8 recursion_depth/4 overflowed/1 recursion_critical/1 stackcheck_counter/4 "
    "tracing/4 use_tracing/4 c_profilefunc/8 c_tracefunc/8 c_profileobj/8 c_traceobj/8 curexc_type/8 "
    "curexc_value/8 curexc_traceback/8 exc_state/32 exc_info/8 dict/8 gilstate_counter/4 async_exc/8 "
    "thread_id/8";
constexpr Structure kFrame8 =
    "ob_base/24 f_back/8 f_code/8 f_builtins/8 f_globals/8 f_locals/8 f_valuestack/8 f_stacktop/8 f_trace/8 "
    "f_trace_lines/1 f_trace_opcodes/1 f_gen/8 f_lasti/4";
constexpr Structure kCode8 =
    "ob_base/16 co_argcount/4 co_posonlyargcount/4 co_kwonlyargcount/4 co_nlocals/4 co_stacksize/4 "
    "co_flags/4 co_firstlineno/4 co_code/8 co_consts/8 co_names/8 co_varnames/8 co_freevars/8 co_cellvars/8 "
    "co_cell2arg/8 co_filename/8 co_name/8 co_lines/8";
constexpr Structure kAscii8 = "ob_base/16 length/8 hash/8 state/4 wstr/8";
constexpr Structure kUnicode8 =
    "ob_base/16 length/8 hash/8 state/4 wstr/8 utf8_length/8 utf8/8 wstr_length/8";
constexpr Structure kAscii12 = "ob_base/16 length/8 hash/8 state/4";
constexpr Structure kUnicode12 = "ob_base/16 length/8 hash/8 state/4 utf8_length/8 utf8/8";
constexpr Structure kFrame12 =
    "f_code/8 previous/8 f_funcobj/8 f_globals/8 f_builtins/8 f_locals/8 frame_obj/8 instruction/8 "
    "stacktop/4 return_offset/2 owner/1";

// Objects/lnotab_notes.txt and Objects/locations.md of CPython.
constexpr std::string_view kLnotab("\x04\x01\x06\x02", 4);
constexpr std::string_view kRanges("\x04\x00\x06\x01\x04\x02", 6);
constexpr std::string_view kLocations("\xd1\x00\x00\xda\x00\x00\xe1\x00\x00", 9);

constexpr Version kVersions[] = {
    {8, kInterpreters8, "next/8 tstate_head/8", kThread8, "", kFrame8, kCode8, kAscii8, kUnicode8, kLnotab},
    {9, kInterpreters8, "next/8 tstate_head/8", kThread8, "", kFrame8, kCode8, kAscii8, kUnicode8, kLnotab},
    {10, kInterpreters8, "next/8 tstate_head/8",
     "prev/8 next/8 interp/8 frame/8 recursion_depth/4 recursion_headroom/4 stackcheck_counter/4 tracing/4 "
     "cframe/8 c_profilefunc/8 c_tracefunc/8 c_profileobj/8 c_traceobj/8 curexc_type/8 curexc_value/8 "
     "curexc_traceback/8 exc_state/32 exc_info/8 dict/8 gilstate_counter/4 async_exc/8 thread_id/8",
     "",
     "ob_base/24 f_back/8 f_code/8 f_builtins/8 f_globals/8 f_locals/8 f_valuestack/8 f_trace/8 "
     "f_stackdepth/4 f_trace_lines/1 f_trace_opcodes/1 f_gen/8 f_lasti/4",
     kCode8, kAscii8, kUnicode8, kRanges},
    {11, kInterpreters11, "next/8 next_unique_id/8 threads_head/8",
     "prev/8 next/8 interp/8 _initialized/4 _static/4 recursion_remaining/4 recursion_limit/4 "
     "recursion_headroom/4 tracing/4 tracing_what/4 cframe/8 c_profilefunc/8 c_tracefunc/8 c_profileobj/8 "
     "c_traceobj/8 curexc_type/8 curexc_value/8 curexc_traceback/8 exc_info/8 dict/8 gilstate_counter/4 "
     "async_exc/8 thread_id/8 native_thread_id/8",
     "use_tracing/1 current_frame/8",
     "f_func/8 f_globals/8 f_builtins/8 f_locals/8 f_code/8 frame_obj/8 previous/8 instruction/8 stacktop/4 "
     "is_entry/1",
     "ob_base/24 co_consts/8 co_names/8 co_exceptiontable/8 co_flags/4 co_warmup/2 linearray_entry_size/2 "
     "co_argcount/4 co_posonlyargcount/4 co_kwonlyargcount/4 co_stacksize/4 co_firstlineno/4 "
     "co_nlocalsplus/4 co_nlocals/4 co_nplaincellvars/4 co_ncellvars/4 co_nfreevars/4 co_localsplusnames/8 "
     "co_localspluskinds/8 co_filename/8 co_plainname/8 co_name/8 co_lines/8 co_weakreflist/8 _co_code/8 "
     "linearray/8 firsttraceable/4 co_extra/8 co_code_adaptive/1",
     kAscii8, kUnicode8, kLocations},
    {12, kInterpreters11,
     "next/8 id/8 id_refcount/8 requires_idref/4 id_mutex/8 _initialized/4 finalizing/4 "
     "monitoring_version/8 last_restart_version/8 next_unique_id/8 threads_head/8",
     "prev/8 next/8 interp/8 status/4 py_recursion_remaining/4 py_recursion_limit/4 "
     "c_recursion_remaining/4 recursion_headroom/4 tracing/4 what_event/4 cframe/8 c_profilefunc/8 "
     "c_tracefunc/8 c_profileobj/8 c_traceobj/8 current_exception/8 exc_info/8 dict/8 gilstate_counter/4 "
     "async_exc/8 thread_id/8 native_thread_id/8",
     "current_frame/8", kFrame12,
     "ob_base/24 co_consts/8 co_names/8 co_exceptiontable/8 co_flags/4 co_argcount/4 co_posonlyargcount/4 "
     "co_kwonlyargcount/4 co_stacksize/4 co_firstlineno/4 co_nlocalsplus/4 co_framesize/4 co_nlocals/4 "
     "co_ncellvars/4 co_nfreevars/4 co_version/4 co_localsplusnames/8 co_localspluskinds/8 co_filename/8 "
     "co_plainname/8 co_name/8 co_lines/8 co_weakreflist/8 cached/8 instrumentation_version/8 monitoring/8 "
     "firsttraceable/4 co_extra/8 co_code_adaptive/1",
     kAscii12, kUnicode12, kLocations},
    {13,
     "debug_offsets/584 _initialized/4 preinitializing/4 preinitialized/4 core_initialized/4 initialized/4 "
     "finalizing/8 finalizing_id/8 mutex/1 head/8",
     "ceval/7264 next/8 id/8 id_refcount/8 requires_idref/4 id_mutex/8 whence/8 _initialized/4 ready/4 "
     "finalizing/4 last_restart_version/8 next_unique_id/8 threads_head/8",
     "prev/8 next/8 interp/8 eval_breaker/8 status/4 whence/4 state/4 py_recursion_remaining/4 "
     "py_recursion_limit/4 c_recursion_remaining/4 recursion_headroom/4 tracing/4 what_event/4 "
     "current_frame/8 c_profilefunc/8 c_tracefunc/8 c_profileobj/8 c_traceobj/8 current_exception/8 "
     "exc_info/8 dict/8 gilstate_counter/4 async_exc/8 thread_id/8 native_thread_id/8",
     "", kFrame12,
     "ob_base/24 co_consts/8 co_names/8 co_exceptiontable/8 co_flags/4 co_argcount/4 co_posonlyargcount/4 "
     "co_kwonlyargcount/4 co_stacksize/4 co_firstlineno/4 co_nlocalsplus/4 co_framesize/4 co_nlocals/4 "
     "co_ncellvars/4 co_nfreevars/4 co_version/4 co_localsplusnames/8 co_localspluskinds/8 co_filename/8 "
     "co_plainname/8 co_name/8 co_lines/8 co_weakreflist/8 executors/8 cached/8 instrumentation_version/8 "
     "monitoring/8 firsttraceable/4 co_extra/8 co_code_adaptive/1",
     kAscii12, kUnicode12, kLocations},
};

// Where a field lies, or where the next one would that has no name: the octets of the whole.
std::uint64_t place(Structure structure, std::string_view name) {
  const auto aligned = [](std::uint64_t at, std::uint64_t to) { return (at + to - 1) / to * to; };
  std::uint64_t at = 0;
  for (const std::string_view field : split(structure, ' ')) {
    const std::size_t slash = field.find('/');
    const auto octets = static_cast<std::uint64_t>(parse_integer(field.substr(slash + 1)).value());
    at = aligned(at, std::min<std::uint64_t>(octets, 8));
    if (field.substr(0, slash) == name) return at;
    at += octets;
  }
  EXPECT_TRUE(name.empty()) << name;
  return aligned(at, 8);
}
bool has(Structure structure, std::string_view name) {
  return structure.find(fmt::format("{}/", name)) != Structure::npos;
}
std::uint64_t octets_of(Structure structure) {
  return place(structure, "");
}

// Memory of a Python of a version: a thread in `Shop.total`, called by `main` in one loop of the interpreter,
// which C called, as it did `<module>` before.
class Program {
 public:
  explicit Program(const Version& version) : version_(version) {
    const std::uint64_t total = code("Shop.total");
    const std::uint64_t main = code("main");
    const std::uint64_t module = code("<module>");
    const bool c_has_frames = version.minor >= 12;
    std::uint64_t outer = c_has_frames ? frame(0, 0, 0, kOfC) : 0;
    outer = frame(outer, module, 0, kEntry);
    if (c_has_frames) outer = frame(outer, 0, 0, kOfC);
    outer = frame(outer, main, 10, kEntry);
    const std::uint64_t top = frame(outer, total, 4, kCalledByPython);
    thread_ = make(octets_of(version.thread));
    put(thread_ + place(version.thread, "thread_id"), kThreadId);
    if (has(version.thread, "native_thread_id"))
      put(thread_ + place(version.thread, "native_thread_id"), kNativeId);
    const std::string_view top_of_thread = version.minor <= 10   ? "frame"
                                           : version.minor <= 12 ? "cframe"
                                                                 : "current_frame";
    std::uint64_t held = top;
    if (!version.c_frame.empty()) {
      held = make(octets_of(version.c_frame));
      put(held + place(version.c_frame, "current_frame"), top);
    }
    put(thread_ + place(version.thread, top_of_thread), held);
    const std::uint64_t interpreter = make(octets_of(version.interpreter));
    put(interpreter + place(version.interpreter, version.minor <= 10 ? "tstate_head" : "threads_head"),
        thread_);
    const std::uint64_t second = make(octets_of(version.interpreter));  // one without threads
    put(interpreter + place(version.interpreter, "next"), second);
    runtime_ = make(octets_of(version.runtime));
    put(runtime_ + place(version.runtime, "head"), interpreter);
  }

  static constexpr std::uint64_t kCodeType = 0x42;
  static constexpr std::uint64_t kThreadId = 77;
  static constexpr std::uint64_t kNativeId = 5;
  std::uint64_t runtime() const { return runtime_; }
  std::uint64_t thread() const { return thread_; }
  std::unique_ptr<MadeMemory> memory() const { return std::make_unique<MadeMemory>(octets_); }

 private:
  enum Entry { kCalledByPython, kEntry, kOfC };

  // Room for so many octets, all of them 0.
  std::uint64_t make(std::uint64_t octets) {
    const std::uint64_t at = MadeMemory::kBegin + octets_.size();
    octets_.append((octets + 15) / 16 * 16, '\0');
    return at;
  }
  template <class Value>
  void put(std::uint64_t address, Value value) {
    std::memcpy(octets_.data() + (address - MadeMemory::kBegin), &value, sizeof value);
  }
  std::uint64_t text(std::string_view characters) {
    const std::uint64_t out = make(octets_of(version_.ascii) + characters.size());
    put<std::uint64_t>(out + place(version_.ascii, "length"), characters.size());
    put<std::uint32_t>(out + place(version_.ascii, "state"), 1 << 2 | 1 << 5 | 1 << 6);  // compact ASCII
    octets_.replace(out - MadeMemory::kBegin + octets_of(version_.ascii), characters.size(), characters);
    return out;
  }
  std::uint64_t bytes(std::string_view characters) {
    const std::uint64_t out = make(32 + characters.size());
    put<std::uint64_t>(out + 16, characters.size());
    octets_.replace(out - MadeMemory::kBegin + 32, characters.size(), characters);
    return out;
  }
  std::uint64_t code(std::string_view name) {
    const std::uint64_t out = make(octets_of(version_.code) + 64);
    put(out + 8, kCodeType);
    put(out + place(version_.code, "co_filename"), text("/shop.py"));
    put(out + place(version_.code, "co_name"), text(name));
    put(out + place(version_.code, "co_lines"), bytes(version_.line_table));
    put<std::int32_t>(out + place(version_.code, "co_firstlineno"), 10);
    return out;
  }
  // At the instruction that lies so many octets behind the first.
  std::uint64_t frame(std::uint64_t previous, std::uint64_t code, std::int32_t offset, Entry entry) {
    const std::uint64_t out = make(octets_of(version_.frame));
    put(out + place(version_.frame, version_.minor <= 10 ? "f_back" : "previous"), previous);
    put(out + place(version_.frame, "f_code"), code);
    if (version_.minor <= 10)
      put(out + place(version_.frame, "f_lasti"), version_.minor == 10 ? offset / 2 : offset);
    else
      put(out + place(version_.frame, "instruction"),
          code + place(version_.code, "co_code_adaptive") + static_cast<std::uint64_t>(offset));
    if (version_.minor == 11) put<char>(out + place(version_.frame, "is_entry"), entry == kEntry ? 1 : 0);
    if (version_.minor >= 12) put<char>(out + place(version_.frame, "owner"), entry == kOfC ? 3 : 0);
    return out;
  }

  const Version& version_;
  std::string octets_;
  std::uint64_t runtime_ = 0;
  std::uint64_t thread_ = 0;
};

// As the program in the kernel goes through them, by what a layout says alone.
std::vector<PythonInstruction> frames_of(ProcessMemory& memory, const PythonLayout& layout,
                                         std::uint64_t thread) {
  const auto at = [&](std::uint64_t address) {
    std::uint64_t out = 0;
    EXPECT_TRUE(memory.read(address, out)) << address;
    return out;
  };
  std::uint64_t frame = at(thread + layout.thread_frame);
  if (layout.frames == PythonFrames::by_c_frame) frame = at(frame + layout.c_frame_current);
  std::vector<PythonInstruction> out;
  for (int turn = 0; frame != 0 && turn < 10; ++turn) {
    std::uint8_t owner = 0;
    if (layout.entry == PythonEntry::by_owner) {
      EXPECT_TRUE(memory.read(frame + layout.frame_entry, owner));
    }
    if (owner == 0) out.push_back({at(frame + layout.frame_code), at(frame + layout.frame_instruction)});
    frame = at(frame + layout.frame_previous);
  }
  return out;
}

class PythonVersions : public ::testing::TestWithParam<Version> {};

TEST_P(PythonVersions, AreLaidOutAsTheirHeadersDeclare) {
  const Version& of = GetParam();
  const PythonLayout layout = python_layout(of.minor).value();
  const bool is_old = of.minor <= 10;
  EXPECT_EQ(layout.minor, of.minor);
  EXPECT_EQ(layout.runtime_interpreters, place(of.runtime, "head"));
  EXPECT_EQ(layout.interpreter_next, place(of.interpreter, "next"));
  EXPECT_EQ(layout.interpreter_threads, place(of.interpreter, is_old ? "tstate_head" : "threads_head"));
  EXPECT_EQ(layout.thread_next, place(of.thread, "next"));
  EXPECT_EQ(layout.thread_frame, place(of.thread, is_old               ? "frame"
                                                  : of.c_frame.empty() ? "current_frame"
                                                                       : "cframe"));
  EXPECT_EQ(layout.thread_id, place(of.thread, "thread_id"));
  EXPECT_EQ(layout.thread_native_id, is_old ? 0 : place(of.thread, "native_thread_id"));
  EXPECT_EQ(layout.c_frame_current, of.c_frame.empty() ? 0 : place(of.c_frame, "current_frame"));
  EXPECT_EQ(layout.frame_previous, place(of.frame, is_old ? "f_back" : "previous"));
  EXPECT_EQ(layout.frame_code, place(of.frame, "f_code"));
  EXPECT_EQ(layout.frame_instruction, place(of.frame, is_old ? "f_lasti" : "instruction"));
  const std::string_view entry = of.minor == 11 ? "is_entry" : "owner";
  EXPECT_EQ(layout.frame_entry, is_old ? 0 : place(of.frame, entry));
  EXPECT_EQ(layout.code_file, place(of.code, "co_filename"));
  EXPECT_EQ(layout.code_name, place(of.code, "co_name"));
  EXPECT_EQ(layout.code_first_line, place(of.code, "co_firstlineno"));
  EXPECT_EQ(layout.code_lines, place(of.code, "co_lines"));
  EXPECT_EQ(layout.code_instructions, is_old ? 0 : place(of.code, "co_code_adaptive"));
  EXPECT_EQ(layout.ascii_bytes, octets_of(of.ascii));
  EXPECT_EQ(layout.unicode_bytes, octets_of(of.unicode));
}

TEST_P(PythonVersions, AreReadFromTheirThreadsToNamesAndLines) {
  const Program program(GetParam());
  const PythonLayout layout = python_layout(GetParam().minor).value();
  PythonReader reader(program.memory(), {layout, program.runtime(), Program::kCodeType});
  const auto threads = reader.threads();
  ASSERT_TRUE(threads);
  ASSERT_EQ(threads->size(), 1U);
  EXPECT_EQ(threads->front().id, Program::kThreadId);
  EXPECT_EQ(threads->front().native_id, GetParam().minor >= 11 ? Program::kNativeId : 0);
  EXPECT_EQ(threads->front().state, program.thread());
  const auto instructions = frames_of(*program.memory(), layout, threads->front().state);
  std::vector<std::string> told;
  for (const PythonFrame& frame : reader.name(instructions)) {
    ASSERT_TRUE(frame.function);
    told.push_back(fmt::format("{} {}:{} from {}", frame.function->name, frame.function->file, frame.line,
                               frame.function->first_line));
  }
  EXPECT_EQ(told, (std::vector<std::string>{"Shop.total /shop.py:11 from 10", "main /shop.py:13 from 10",
                                            "<module> /shop.py:10 from 10"}));
}

INSTANTIATE_TEST_SUITE_P(Each, PythonVersions, ::testing::ValuesIn(kVersions),
                         [](const auto& of) { return fmt::format("Python3_{}", of.param.minor); });

TEST(PythonOffsets, ThatPythonTellsItselfAreThoseOfItsHeaders) {
  // Of _Py_DebugOffsets: each number is of 8 octets.
  constexpr Structure kOffsets =
      "cookie/8 version/8 free_threaded/8 runtime_size/8 runtime_finalizing/8 interpreters_head/8 "
      "interpreter_size/8 interpreter_id/8 interpreter_next/8 threads_head/8 gc/8 imports/8 sysdict/8 "
      "builtins/8 ceval_gil/8 gil/8 gil_enabled/8 gil_locked/8 gil_holder/8 thread_size/8 thread_prev/8 "
      "thread_next/8 thread_interp/8 current_frame/8 thread_id/8 native_thread_id/8 datastack/8 status/8 "
      "frame_size/8 previous/8 executable/8 instr_ptr/8 localsplus/8 owner/8 code_size/8 filename/8 name/8 "
      "qualname/8 linetable/8 firstlineno/8 argcount/8 names/8 kinds/8 co_code_adaptive/8";
  const Version& of = kVersions[5];
  ASSERT_EQ(of.minor, 13);
  std::string octets(kPythonOffsetsBytes, '\xff');  // what is not asked for is no offset
  const auto put = [&](std::string_view name, std::uint64_t value) {
    std::memcpy(octets.data() + place(kOffsets, name), &value, sizeof value);
  };
  octets.replace(0, 8, "xdebugpy");
  put("version", 0x030d00f0);
  put("free_threaded", 0);
  put("interpreters_head", place(of.runtime, "head"));
  put("interpreter_next", place(of.interpreter, "next"));
  put("threads_head", place(of.interpreter, "threads_head"));
  put("thread_next", place(of.thread, "next"));
  for (const std::string_view field : {"current_frame", "thread_id", "native_thread_id"})
    put(field, place(of.thread, field));
  put("previous", place(of.frame, "previous"));
  put("executable", place(of.frame, "f_code"));
  put("instr_ptr", place(of.frame, "instruction"));
  put("owner", place(of.frame, "owner"));
  put("filename", place(of.code, "co_filename"));
  put("qualname", place(of.code, "co_name"));
  put("linetable", place(of.code, "co_lines"));
  put("firstlineno", place(of.code, "co_firstlineno"));
  put("co_code_adaptive", place(of.code, "co_code_adaptive"));
  const auto told = python_layout_of(octets);
  ASSERT_TRUE(told) << told.error().message;
  EXPECT_EQ(*told, python_layout(13));
}

}  // namespace
}  // namespace signalbox::profile
