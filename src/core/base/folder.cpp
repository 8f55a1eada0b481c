#include "core/base/folder.hpp"

#include <algorithm>
#include <cerrno>

#include <unistd.h>

#include "core/base/file.hpp"

namespace signalbox {

namespace fs = std::filesystem;

Result<std::vector<fs::path>> files_in(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    std::error_code gone;
    if (entry->is_regular_file(gone)) out.push_back(entry->path());
  }
  if (error && error != std::errc::no_such_file_or_directory)
    return fail(error_from_errno(error.value(), "reading " + folder.string()));
  std::sort(out.begin(), out.end());
  return out;
}

Status remove_if_there(const fs::path& file) {
  if (::unlink(file.c_str()) == 0 || errno == ENOENT) return {};
  return fail(error_from_errno(errno, "removing " + file.string()));
}

}  // namespace signalbox
