// Where below a folder the source file may lie that a profile names.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::profile {

inline constexpr std::size_t kSourcePathMax = 4'096;  // octets of a name; what is longer names nothing

// Paths below `root`, without ".." and "." and never into ".git", the likeliest first:
//   "/home/ada/shop/src/a.c", root "/home/ada/shop"    "src/a.c", then the names that it ends in
//   "/builds/ci/shop/src/a.c", built elsewhere         "builds/ci/shop/src/a.c" … "shop/src/a.c", "src/a.c"
//   "src/a.c", "./src/a.c"                             "src/a.c"
//   "../src/a.c"                                       "src/a.c"
// The last part alone is none: "/usr/include/error.h" is not the root's error.h. Empty where the name is
// empty, too long, or holds control characters. Nothing is looked up.
std::vector<std::string> source_paths(std::string_view name, const std::filesystem::path& root);

}  // namespace signalbox::profile
