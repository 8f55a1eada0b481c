#include "instruments/train/package_scope.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/git/changed_paths.hpp"

namespace signalbox::train {

bool is_in_package(const std::vector<std::string>& globs, std::string_view path) {
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
    const bool is_below = path.size() > glob.size() && path[glob.size()] == '/' && path.starts_with(glob);
    return is_below || glob_match(glob, path);
  });
}

Result<PackageScope> read_scope(const git::Repository& repository, const std::vector<std::string>& range,
                                const Settings& settings, const std::string& package) {
  const auto globs = settings.packages.find(package);
  if (globs == settings.packages.end()) return PackageScope();
  std::unordered_set<std::string> own;
  SIGNALBOX_CHECK(git::read_changed_paths(repository, range, [&](std::string_view id, std::string_view path) {
    if (is_in_package(globs->second, path)) own.emplace(id);
  }));
  return PackageScope(std::move(own));
}

}  // namespace signalbox::train
