#include "instruments/profile/kept/orphans.hpp"

#include <chrono>
#include <fstream>
#include <unordered_set>

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "core/base/file.hpp"

namespace signalbox::profile {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kOld{1};
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

bool is_sqlite(const fs::path& path) {
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  std::string head(kMagic.size(), ' ');
  std::ifstream file(path, std::ios::binary);
  return file.read(head.data(), static_cast<std::streamsize>(head.size())) && head == kMagic;
}

// `folder` is blobs/profile beside the store, and beside any other in its folder.
bool has_several_stores(const fs::path& folder) {
  const fs::path beside = folder.parent_path().parent_path();
  int stores = 0;
  std::error_code error;
  for (fs::directory_iterator each(beside.empty() ? "." : beside, error), end; !error && each != end;
       each.increment(error)) {
    std::error_code unknown;
    if (each->is_regular_file(unknown) && is_sqlite(each->path())) ++stores;
  }
  return error || stores > 1;
}

}  // namespace

Result<std::vector<std::string>> orphans_due(store::Database& database, const fs::path& folder) {
  std::vector<std::string> out;
  if (was_swept_lately(folder) || has_several_stores(folder)) return out;
  SIGNALBOX_CHECK(replace_file(folder / kSwept, ""));
  std::unordered_set<std::string> kept;
  SIGNALBOX_CHECK(database.for_each("select id from profile_kept", {}, [&](const store::Row& row) {
    kept.insert(row.text(0));
    return true;
  }));
  std::error_code error;
  for (fs::recursive_directory_iterator each(folder, error), end; !error && each != end;
       each.increment(error)) {
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
