// Whether a separate debug file is the one that a program was stripped into.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

// The checksum in .gnu_debuglink (gdb manual, "Separate Debug Files"); nullopt: the section is not there, or
// too short.
std::optional<std::uint32_t> debug_link_checksum(const ElfFile& elf);
// CRC-32 of a file's octets, as that section has it.
std::uint32_t checksum_of(std::string_view octets);

}  // namespace signalbox::profile
