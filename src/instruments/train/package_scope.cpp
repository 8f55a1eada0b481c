#include "instruments/train/package_scope.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "core/base/text.hpp"
#include "core/git/changed_paths.hpp"

namespace signalbox::train {
namespace {

constexpr std::size_t kMaxRememberedPaths = 1'000'000;

// Which packages a path is in; histories come back to the same paths.
class PackagesOfPath {
 public:
  explicit PackagesOfPath(const Settings& settings) : settings_(settings) {}

  // Numbers of packages in the order of their names.
  const std::vector<std::size_t>& of(std::string_view path) {
    key_ = path;
    if (const auto found = known_.find(key_); found != known_.end()) return found->second;
    if (known_.size() >= kMaxRememberedPaths) known_.clear();
    std::vector<std::size_t>& out = known_[key_];
    std::size_t number = 0;
    for (const auto& [name, globs] : settings_.packages) {
      if (is_in_package(globs, path)) out.push_back(number);
      ++number;
    }
    return out;
  }

 private:
  const Settings& settings_;
  std::unordered_map<std::string, std::vector<std::size_t>> known_;
  std::string key_;
};

// The commits of a package, told of in turn with each of their paths.
struct Gathered {
  std::unordered_set<std::string> own;
  std::string last;  // that was taken
};

}  // namespace

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

Result<std::map<std::string, PackageScope>> read_scopes(const git::Repository& repository,
                                                        const std::vector<std::string>& range,
                                                        const Settings& settings) {
  std::vector<Gathered> gathered(settings.packages.size());
  PackagesOfPath packages(settings);
  SIGNALBOX_CHECK(git::read_changed_paths(repository, range, [&](std::string_view id, std::string_view path) {
    for (const std::size_t number : packages.of(path)) {
      Gathered& package = gathered[number];
      if (package.last == id) continue;
      package.last = id;
      package.own.insert(package.last);
    }
  }));
  std::map<std::string, PackageScope> out;
  std::size_t number = 0;
  for (const auto& [name, globs] : settings.packages)
    out.emplace(name, PackageScope(std::move(gathered[number++].own)));
  return out;
}

}  // namespace signalbox::train
