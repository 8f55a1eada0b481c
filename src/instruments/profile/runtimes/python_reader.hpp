// Threads and functions of a running CPython 3.8 to 3.13, read from its memory: it is neither stopped nor
// signalled, and runs nothing for it.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/runtimes/process_memory.hpp"
#include "instruments/profile/runtimes/python_layout.hpp"
#include "instruments/profile/runtimes/python_merge.hpp"
#include "instruments/profile/runtimes/python_process.hpp"

namespace signalbox::profile {

struct PythonFunction {
  std::string name;  // qualified from 3.11 on: "Shop.total.<locals>.<lambda>"; before "<lambda>"
  std::string file;
  std::int32_t first_line = 0;
};

// A frame as the interpreter has it.
struct PythonInstruction {
  std::uint64_t code = 0;         // address of its code object
  std::uint64_t instruction = 0;  // PythonLayout::frame_instruction
};

struct PythonFrame {
  std::shared_ptr<const PythonFunction> function;  // null: it could not be read
  std::int32_t line = 0;                           // 0: it has none
};

// A thread that Python knows.
struct PythonThread {
  std::uint64_t id = 0;         // threading.get_ident()
  std::uint64_t native_id = 0;  // threading.get_native_id(), from 3.11 on; 0 before
  std::uint64_t state = 0;      // where its PyThreadState lies
};

// The frames of a thread, innermost first.
struct PythonStack {
  std::vector<PythonInstruction> frames;
  std::vector<PythonCall> calls;  // as many
  PythonDepth depth = PythonDepth::whole;
};

class PythonReader {
 public:
  PythonReader(std::unique_ptr<ProcessMemory> memory, const PythonProcess& process);

  // All threads now; those that end meanwhile may be missing. unavailable: the process is gone.
  Result<std::vector<PythonThread>> threads();
  // Of a thread that is at rest: of one that runs meanwhile it may be of no moment. Empty where it is in no
  // function of Python, where the thread is another by now, and where its memory cannot be read.
  PythonStack stack_of(const PythonThread& thread);
  // One for each. A code object that is gone by now has no name, or that of one which took its place.
  std::vector<PythonFrame> name(std::span<const PythonInstruction> frames);
  const PythonLayout& layout() const { return process_.layout; }

  static constexpr std::size_t kMaxStackFrames = 2'048;                 // then the outer ones are missing
  static constexpr std::size_t kMaxKeptOctets = std::size_t{64} << 20;  // then all are read anew
  std::size_t kept_octets() const { return kept_octets_; }              // of code objects that are known

 private:
  struct Known {
    std::string fields;  // as they were: another code object may come to lie at the same address
    std::shared_ptr<const PythonFunction> function;
    std::string lines;
    std::size_t octets() const;
  };
  const Known* code_at(std::uint64_t address, const std::string& fields);
  std::int64_t offset_of(const PythonInstruction& frame) const;

  std::unique_ptr<ProcessMemory> memory_;
  PythonProcess process_;
  std::unordered_map<std::uint64_t, Known> codes_;
  std::size_t kept_octets_ = 0;
};

}  // namespace signalbox::profile
