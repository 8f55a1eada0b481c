// CPython in a file of machine code, and in a process that runs it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.hpp"
#include "instruments/profile/elf/elf_file.hpp"
#include "instruments/profile/runtimes/python_layout.hpp"

namespace signalbox::profile {

struct AddressRange {
  std::uint64_t start = 0;
  std::uint64_t limit = 0;
  bool has(std::uint64_t address) const { return address >= start && address < limit; }
};

// What a file of CPython says of itself: a program, or a library. Addresses are the file's.
struct PythonProgram {
  std::optional<int> minor;         // 3.minor; nullopt: it is not known
  std::uint64_t runtime = 0;        // of _PyRuntime
  std::uint64_t code_type = 0;      // of PyCode_Type; 0: not known
  std::vector<AddressRange> loops;  // the functions that run Python's instructions
};

// nullopt: it is no CPython. `path` tells the version of 3.10 and older: "python3.8", "libpython3.10.so.1.0".
std::optional<PythonProgram> python_program(const ElfFile& elf, const std::string& path);

// The same in a process. Addresses are the process'.
struct PythonProcess {
  PythonLayout layout;
  std::uint64_t runtime = 0;
  std::uint64_t code_type = 0;
};

// Of a process that has mapped such a file `moved` behind where the file has it. unavailable: a version that
// is not known, which is told. denied: its memory may not be read. not_found: it is gone.
Result<PythonProcess> python_process(std::int32_t pid, const PythonProgram& program, std::uint64_t moved);

}  // namespace signalbox::profile
