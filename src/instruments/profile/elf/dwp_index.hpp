// Units of split DWARF in one file, a .dwp (DWARF 5, section 7.3.5, and GNU's version 2 before it).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

// A section of an object file, as it is written.
struct DwoSection {
  std::string name;  // ".debug_info.dwo"
  std::string octets;
};

// Views into the file, which has to live longer.
class DwpIndex {
 public:
  static std::optional<DwpIndex> open(const ElfFile& file);  // nullopt: it has none, or one that is not read

  // What the unit with this id has of each section, with those strings that it names. nullopt: it is not
  // there, or its parts lie outside of the sections.
  std::optional<std::vector<DwoSection>> find(std::uint64_t id) const;

 private:
  struct Column {
    std::string name;
    std::string_view octets;  // of the whole section
  };
  DwpIndex() = default;
  std::uint32_t row_of(std::uint64_t id) const;

  unsigned version_ = 0;
  std::uint32_t slots_ = 0;  // a power of two
  std::uint32_t units_ = 0;
  std::string_view ids_;      // of each slot
  std::string_view rows_;     // of each slot; 0: empty
  std::string_view offsets_;  // unit by unit, one for each column
  std::string_view sizes_;
  std::vector<Column> columns_;
  std::string_view strings_;
};

// An object file for x86-64 with these sections alone, so that libdw can read them.
std::string object_file(const std::vector<DwoSection>& sections);

}  // namespace signalbox::profile
