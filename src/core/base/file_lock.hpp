// A lock between threads and processes of one machine, on a file.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "core/base/file.hpp"
#include "core/base/result.hpp"

namespace signalbox {

// Locks `path`, which is made with `mode` where it is absent (its folder has to be there) and stays when it
// is unlocked. Held until the descriptor closes, also by a process that is killed. Nothing where another
// still holds it after `patience`.
Result<std::optional<FileDescriptor>> lock_file(const std::filesystem::path& path,
                                                std::chrono::milliseconds patience, unsigned mode = 0644);

}  // namespace signalbox
