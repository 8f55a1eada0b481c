// The file beside a stripped program that has what was taken from it.
#pragma once

#include <filesystem>
#include <memory>

#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

inline constexpr const char* kDebugDirectory = "/usr/lib/debug";

// By the build id of `elf` below `debug_directory`, or by its .gnu_debuglink; null: none with the same build
// id.
std::shared_ptr<const ElfFile> find_debug_file(
    const ElfFile& elf, const std::filesystem::path& debug_directory = kDebugDirectory);

}  // namespace signalbox::profile
