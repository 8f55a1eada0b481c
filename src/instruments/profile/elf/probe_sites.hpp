// Where in a file of machine code a probe can be set.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

// A static tracepoint, as <sys/sdt.h> leaves it in a file: a note "stapsdt" of .note.stapsdt
// (https://sourceware.org/systemtap/wiki/UserSpaceProbeImplementation). One name may stand at several places.
struct StaticProbe {
  std::string_view provider;
  std::string_view name;
  std::uint64_t vaddr = 0;  // of the instruction
  std::uint64_t semaphore =
      0;  // virtual address of a counter that has to be above 0 for it to be passed; 0: none
};
std::vector<StaticProbe> static_probes(const ElfFile& elf);

// Where a function begins, by its symbol.
struct FunctionEntry {
  std::string_view symbol;  // as the linker has it
  std::uint64_t vaddr = 0;
  std::uint64_t size = 0;  // octets; 0: unknown
  bool chooses = false;    // STT_GNU_IFUNC: the code there chooses the function once, and is not it
};
// Those called `name`: as the linker has it, or as people write it, with or without its parameters. Each
// address once, and of what a compiler made of one function those places alone that one call comes by once:
//   f, f.constprop.0, f.isra.0   each is all of f, for callers of its own
//   f.cold, f.part.0             what f goes on with: none, but where `name` is just that
//   Ledger::~Ledger()            of the one that frees the object (D0), and calls the one that does not (D1),
//                                the latter; both, where either does the work by itself
std::vector<FunctionEntry> functions_called(const ElfFile& elf, std::string_view name);

// Where octets of machine code at a virtual address lie in the file; nothing where no executable segment has
// them.
std::optional<std::uint64_t> code_offset_of(const ElfFile& elf, std::uint64_t vaddr);
// The same of any octets that the file has.
std::optional<std::uint64_t> file_offset_of(const ElfFile& elf, std::uint64_t vaddr);

}  // namespace signalbox::profile
