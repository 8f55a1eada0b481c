// Files that somebody else is to have written, where anybody may write.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include <sys/types.h>

#include "core/base/file.hpp"
#include "core/base/result.hpp"

namespace signalbox {

enum class Links { refused, followed };  // the last name of a path; `is_without_links` is for the others

// Opens a regular file of root, of ourselves or of `owner` for reading; a pipe is not waited for. denied
// where it is another's.
Result<FileDescriptor> open_trusted(const std::string& path, std::optional<uid_t> owner,
                                    Links links = Links::refused);

// Whether the file that was opened by `path` lies there itself: no link was followed on the way.
bool is_without_links(const FileDescriptor& file, const std::string& path);

// A file that is open already, from its beginning. Larger than `max_bytes` → bad_input.
Result<std::string> read_open_file(const FileDescriptor& file, std::size_t max_bytes);

}  // namespace signalbox
