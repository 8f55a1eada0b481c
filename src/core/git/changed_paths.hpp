// Which paths commits change.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/git/repository.hpp"

namespace signalbox::git {

// Told of each path that a commit changes, octets as git has them: against its first parent, and of a root
// all that it has. A merge is told of as what it brings to its first parent; a rename as both of its paths.
using OnChangedPath = std::function<void(std::string_view commit, std::string_view path)>;

// `range`: as arguments of git, revisions and ^revisions.
Status read_changed_paths(const Repository& repository, const std::vector<std::string>& range,
                          const OnChangedPath& on_changed_path);

}  // namespace signalbox::git
