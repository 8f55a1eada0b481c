#pragma once

#include <string_view>

#include "core/base/file.hpp"
#include "core/base/result.hpp"

namespace signalbox::profile {

// A file with these octets that has no place on a disk, and is gone with its descriptor; `name` is for
// /proc/PID/fd alone.
Result<FileDescriptor> file_in_memory(const char* name, std::string_view octets);

}  // namespace signalbox::profile
