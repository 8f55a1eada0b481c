// Processes that run CPython: what the program in the kernel has to know to read their frames at a sample,
// and the names of what it read.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "instruments/profile/capture/code_table.hpp"
#include "instruments/profile/elf/address_space.hpp"
#include "instruments/profile/runtimes/jit_names.hpp"
#include "instruments/profile/runtimes/python_merge.hpp"
#include "instruments/profile/runtimes/python_reader.hpp"
#include "instruments/profile/runtimes/python_threads.hpp"

namespace signalbox::profile {

// A thread's place in Python's memory.
struct PythonThreadPlace {
  std::int32_t pid = 0;
  std::int32_t tid = 0;
  std::uint64_t state = 0;  // of its PyThreadState
  std::uint64_t id = 0;     // that it says there
};

class PythonStacks {
 public:
  // What lies where in a process is another: whether CPython is in it now.
  void look_at(std::int32_t pid, const AddressSpace& space, const CodeTable& code);
  void forget(std::int32_t pid) { processes_.erase(pid); }
  const PythonLayout* layout_of(std::int32_t pid) const;  // null: no CPython that is known

  // A sample of a thread whose place was not told, or is another's now.
  void miss(std::int32_t pid, std::int32_t tid, std::uint64_t now_ns);
  // Places of threads to be told anew: of processes that are new or where threads were missed. Threads of
  // which Python knows nothing are looked for once a second.
  std::vector<PythonThreadPlace> take_places(std::uint64_t now_ns);

  // For threads at rest, without the program in the kernel: which threads there are, then what each is in.
  void find_threads(std::int32_t pid);
  PythonStack stack_of(std::int32_t pid, std::int32_t tid);  // empty: in none that is known

  // The same number of frames; without a process' memory they have no names.
  std::vector<PythonFrame> name(std::int32_t pid, std::span<const PythonInstruction> frames);
  // Whether machine code is that of the function that runs Python's instructions.
  bool is_loop(CodeId code, std::uint64_t address) const;
  // Processes whose Python is not read, and why: each once, the first few.
  std::vector<RuntimeNote> take_notes() { return std::exchange(notes_, {}); }

 private:
  struct Process {
    CodeId code = kNoCode;
    PythonReader reader;
    PythonThreadNumbers numbers;
    std::set<std::int32_t> missed;
    std::uint64_t look_at_ns = 0;  // for threads; 0: not wanted
    std::uint64_t looked_ns = 0;
    std::unordered_map<std::int32_t, PythonThread> threads = {};  // by number, where they were looked for
  };
  const std::optional<PythonProgram>& program_of(CodeId id, const CodeTable& code);

  std::unordered_map<std::int32_t, Process> processes_;
  std::unordered_map<CodeId, std::optional<PythonProgram>> programs_;
  std::set<std::int32_t> refused_;
  std::vector<RuntimeNote> notes_;
};

}  // namespace signalbox::profile
