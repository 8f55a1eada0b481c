// Which commits are a package's own, in a repository of several.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/git/repository.hpp"
#include "instruments/train/settings.hpp"

namespace signalbox::train {

// The commits that touch the package; without globs each does. Cheap to copy.
class PackageScope {
 public:
  PackageScope() = default;
  explicit PackageScope(std::unordered_set<std::string> own)
      : own_(std::make_shared<const std::unordered_set<std::string>>(std::move(own))) {}

  bool has(const std::string& commit) const { return !own_ || own_->count(commit) > 0; }

 private:
  std::shared_ptr<const std::unordered_set<std::string>> own_;
};

// A glob, or a path with all that lies below it.
bool is_in_package(const std::vector<std::string>& globs, std::string_view path);

// Of the commits in `range` (ids and ^ids) those that change a path of `package` against their first parent.
Result<PackageScope> read_scope(const git::Repository& repository, const std::vector<std::string>& range,
                                const Settings& settings, const std::string& package);

// The same of every package of `settings`, by its name, in one walk over the range.
Result<std::map<std::string, PackageScope>> read_scopes(const git::Repository& repository,
                                                        const std::vector<std::string>& range,
                                                        const Settings& settings);

}  // namespace signalbox::train
