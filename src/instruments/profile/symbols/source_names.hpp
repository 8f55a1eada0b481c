// The source files that the debug information of a program names.
#pragma once

#include <memory>
#include <set>
#include <string>

#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

// Absolute paths, without "." and ".." parts. Empty where libdw reads no debug information in it.
std::set<std::string> source_names(const ElfFile& elf);

}  // namespace signalbox::profile
