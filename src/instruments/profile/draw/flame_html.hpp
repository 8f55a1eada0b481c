// A profile as one HTML file: the flame graph, a table of functions, callers and callees of one, and, where
// samples have times, any part of the time. It asks for nothing outside itself, and its policy forbids it to.
#pragma once

#include <string>

#include "instruments/profile/draw/flame_style.hpp"
#include "instruments/profile/draw/flame_tree.hpp"

namespace signalbox::profile {

inline constexpr double kPagePruneShare = 0.00002;  // a page may be larger than a picture

// How a tree for a page is made: finer than for a picture, with the times of its samples.
FlameOptions page_options(FlameOptions options = {});
std::string render_flame_html(const FlameTree& tree, const FlameStyle& style = {});

}  // namespace signalbox::profile
