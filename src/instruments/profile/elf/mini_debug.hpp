// The small symbol table that some distributions leave in stripped programs: .gnu_debugdata, an ELF file in
// xz.
#pragma once

#include <memory>

#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

// Null: there is none, or none that can be read.
std::shared_ptr<const ElfFile> read_mini_debug(const ElfFile& elf);

}  // namespace signalbox::profile
