// Which colour a box has: a class of web/views/profile/flame.css.
#pragma once

#include <string>

#include "instruments/profile/draw/flame_tree.hpp"

namespace signalbox::profile {

inline constexpr int kChangeSteps = 5;     // of colour, to either side
inline constexpr double kNoChange = 0.02;  // relative: less has no colour

// "u3": a letter for the kind of frame, a shade for its name.
std::string kind_class(const FlameFrame& frame);
// "m5" for much more than in the base, "l1" for a little less, "n0" for the same.
std::string change_class(const FlameChange& change);

}  // namespace signalbox::profile
