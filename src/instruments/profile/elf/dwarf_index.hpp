// Source lines and inlined functions of addresses, from DWARF, read by libdw.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

struct DwarfLine {
  std::string name;  // as the linker has it, where the file says; empty: unknown
  std::string file;
  std::int32_t line = 0;
  std::int32_t column = 0;
  std::int32_t start_line = 0;  // where the function is declared
};

// The units are found at the start; the functions and lines of one are read when an address of it is first
// asked for.
class DwarfIndex {
 public:
  static std::unique_ptr<DwarfIndex> open(
      std::shared_ptr<const ElfFile> elf);  // nullptr: no DWARF that libdw reads
  ~DwarfIndex();

  // Innermost first, the function that was not inlined last; empty: in no unit.
  std::vector<DwarfLine> find(std::uint64_t vaddr);

 private:
  struct State;
  explicit DwarfIndex(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace signalbox::profile
