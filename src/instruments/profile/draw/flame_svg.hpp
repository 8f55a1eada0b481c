// A flame graph as one SVG file. Without scripts it is a picture: boxes with titles; with them it is
// searched, zoomed and turned. It asks for nothing outside itself.
#pragma once

#include <string>

#include "instruments/profile/draw/flame_style.hpp"
#include "instruments/profile/draw/flame_tree.hpp"

namespace signalbox::profile {

std::string render_flame_svg(const FlameTree& tree, const FlameStyle& style = {});

}  // namespace signalbox::profile
