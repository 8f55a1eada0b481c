// What a profile says of itself: where, when, of what, by which build.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::profile {

using Annotations = std::vector<std::pair<std::string, std::string>>;

// Host, kernel, processors; the git commit, branch and whether it is clean of the repository that `directory`
// is in; the run of a CI service from its variables. What is not known is left out.
Annotations annotations_of_place(const std::filesystem::path& directory);

// Value of an annotation; "" where there is none.
std::string annotation(const Annotations& annotations, std::string_view key);

}  // namespace signalbox::profile
