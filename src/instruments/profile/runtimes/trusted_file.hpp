// Files that another process is to have written, where anybody may write.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <sys/types.h>

#include "core/base/file.hpp"
#include "core/base/result.hpp"

namespace signalbox::profile {

enum class Links { refused, followed };

// Opens a regular file of root, of ourselves or of `owner` for reading; a pipe is not waited for. denied
// where it is another's.
Result<FileDescriptor> open_trusted(const std::string& path, std::optional<uid_t> owner,
                                    Links links = Links::refused);

// Who a running process belongs to.
std::optional<uid_t> owner_of(std::int32_t pid);

// The number of a process where it lives itself: the last one of NSpid.
std::int32_t own_number_of(std::int32_t pid);

// A path of the process' own, seen from here: in its root while it runs, in ours when it is gone.
std::string path_within(std::int32_t pid, const std::string& path);

// A file that is open already, from its beginning.
Result<std::string> read_open_file(const FileDescriptor& file, std::size_t max_bytes);

}  // namespace signalbox::profile
