#include "instruments/profile/kept/orphans.hpp"

#include <chrono>
#include <unordered_set>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kOld{1};
constexpr std::size_t kMaxAtOnce = 1'000;     // whoever writes waits while they are removed
constexpr std::string_view kSwept = "swept";  // a file that says when
constexpr char kUnfinished = '.';             // how names of files that are being written begin

bool is_old(const fs::path& path) {
  std::error_code error;
  const fs::file_time_type written = fs::last_write_time(path, error);
  return !error && fs::file_time_type::clock::now() - written > kOld;
}

// A time to come is a clock's that was set back.
bool was_swept_lately(const fs::path& folder) {
  std::error_code error;
  const fs::file_time_type swept = fs::last_write_time(folder / kSwept, error);
  return !error && !is_old(folder / kSwept) && swept <= fs::file_time_type::clock::now();
}

}  // namespace

Result<std::vector<std::string>> orphans_due(store::Database& database, const fs::path& folder) {
  std::vector<std::string> out;
  if (was_swept_lately(folder)) return out;
  SIGNALBOX_CHECK(replace_file(folder / kSwept, ""));
  std::unordered_set<std::string> kept;
  SIGNALBOX_CHECK(database.for_each("select id from profile_kept", {}, [&](const store::Row& row) {
    kept.insert(row.text(0));
    return true;
  }));
  std::error_code error;
  for (fs::recursive_directory_iterator each(folder, error), end;
       !error && each != end && out.size() < kMaxAtOnce; each.increment(error)) {
    std::error_code unknown;
    if (each.depth() != 1 || !each->is_regular_file(unknown)) continue;
    const std::string name = each->path().filename().string();
    const std::string id = each->path().parent_path().filename().string() + name;
    if (name.front() == kUnfinished && is_old(each->path())) fs::remove(each->path(), unknown);
    if (is_sha256(id) && !kept.contains(id) && is_old(each->path())) out.push_back(id);
  }
  if (error) return fail(ErrorKind::unavailable, fmt::format("{}: {}", folder.string(), error.message()));
  return out;
}

}  // namespace signalbox::profile
