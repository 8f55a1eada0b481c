// Debug information that lies beside a program: split DWARF (DWARF 5, section 7.3, and GNU's extension of
// DWARF 4 before it). The program has the lines and the addresses, a .dwo of each source or one .dwp has the
// functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <elfutils/libdw.h>

#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

// What the program has of a unit. Views are of its sections.
struct SkeletonUnit {
  std::uint64_t id = 0;
  unsigned version = 0;        // of DWARF: 4 or 5
  std::uint64_t low_pc = 0;    // that ranges count from
  std::string name;            // of the .dwo, as the compiler was told
  std::string folder;          // that it was told so in; empty: unknown
  std::string_view addresses;  // that the unit names by number
  std::string_view ranges;     // of DWARF 4: from the unit's first on
};

class SplitUnits {
 public:
  // Of copies of units: a small .dwp may have a large one under many ids.
  static constexpr std::size_t kMaxHeldOctets = std::size_t{2} << 30;
  // The program's path: PROGRAM.dwp is looked for, and files beside it.
  explicit SplitUnits(const std::string& program, std::size_t max_held_octets = kMaxHeldOctets);
  ~SplitUnits();
  SplitUnits(const SplitUnits&) = delete;
  SplitUnits& operator=(const SplitUnits&) = delete;

  // The unit's own root: in the .dwp, else in the .dwo where the compiler put it, else beside the program.
  // nullopt: nowhere, of another build, as the id tells, or more than is held. Valid as long as this lives.
  std::optional<Dwarf_Die> find(const SkeletonUnit& skeleton);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace signalbox::profile
