// What lies in a folder that a program keeps its own files in, as Result.
#pragma once

#include <filesystem>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox {

// The regular files that lie in it, in the order of their names; none where there is no such folder.
Result<std::vector<std::filesystem::path>> files_in(const std::filesystem::path& folder);

// One that is gone already is no error. Not synced: after a power cut the file may be back.
Status remove_if_there(const std::filesystem::path& file);

}  // namespace signalbox
