// The file beside a stripped program that has what was taken from it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "instruments/profile/elf/elf_file.hpp"

namespace signalbox::profile {

// Whether the file has debug information in it: a section that was taken out leaves its header.
bool has_debug_info(const ElfFile& elf);

// Where separate debug files are looked for.
struct DebugPlaces {
  std::vector<std::filesystem::path> directories = {"/usr/lib/debug"};  // each with .build-id below
  // Then this is asked, where neither the file nor what was found has debug information; empty: nobody is. An
  // empty path: not there either.
  std::function<std::filesystem::path(const std::string& build_id)> elsewhere = {};
};

// By the build id of `elf`, or by its .gnu_debuglink: the first one with debug information, else the first
// one; null: none with the same build id.
std::shared_ptr<const ElfFile> find_debug_file(const ElfFile& elf, const DebugPlaces& places = {});

}  // namespace signalbox::profile
