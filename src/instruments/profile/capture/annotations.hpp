// What a profile says of itself: where, when, of what, by which build.
#pragma once

#include <filesystem>
#include <string_view>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// Why servers of symbols gave nothing; not there where they did what was asked, or nobody asked.
inline constexpr std::string_view kSymbolServers = "symbols.servers";

// Host, kernel, processors; the git commit, branch and whether it is clean of the repository that `directory`
// is in; the run of a CI service from its variables. What is not known is left out.
Annotations annotations_of_place(const std::filesystem::path& directory);

}  // namespace signalbox::profile
