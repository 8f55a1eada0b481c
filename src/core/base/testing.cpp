#include "core/base/testing.hpp"

#include <cstdio>
#include <cstdlib>

#include "core/base/process.hpp"

namespace signalbox::testing {
namespace {

namespace fs = std::filesystem;

fs::path upward_to(const fs::path& start, const char* file) {
  for (fs::path at = start; at != at.root_path(); at = at.parent_path()) {
    if (fs::exists(at / file)) return at;
  }
  return {};
}

}  // namespace

fs::path source_directory() {
  if (const char* given = std::getenv("SIGNALBOX_SOURCE_DIR")) return given;
  return upward_to(own_executable().parent_path(), "packages.txt");
}

fs::path build_directory() {
  return upward_to(own_executable().parent_path(), "CMakeCache.txt");
}

fs::path front_door() {
  return build_directory() / "bin" / "signalbox";
}

std::optional<fs::path> corpus_directory() {
  const char* given = std::getenv("SIGNALBOX_CORPUS");
  const fs::path path =
      given != nullptr ? fs::path(given) : source_directory().parent_path() / "shared" / "corpus";
  if (fs::is_directory(path)) return path;
  static const bool said = [&path] {
    std::fprintf(stderr, "no corpus at %s: going on with generated data (set SIGNALBOX_CORPUS)\n",
                 path.c_str());
    return true;
  }();
  (void)said;
  return std::nullopt;
}

}  // namespace signalbox::testing
