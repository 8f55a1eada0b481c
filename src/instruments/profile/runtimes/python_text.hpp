// Strings of Python, as its memory has them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "instruments/profile/runtimes/process_memory.hpp"
#include "instruments/profile/runtimes/python_layout.hpp"

namespace signalbox::profile {

// The str object at an address, as UTF-8; what is no character is U+FFFD, longer ones are cut. nullopt: it is
// none, or cannot be read.
std::optional<std::string> read_python_text(ProcessMemory& memory, const PythonLayout& layout,
                                            std::uint64_t address);

// The bytes object at an address; nullopt: it is none, cannot be read, or is longer than a table of lines may
// be.
std::optional<std::string> read_python_bytes(ProcessMemory& memory, std::uint64_t address);

}  // namespace signalbox::profile
