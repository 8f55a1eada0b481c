// The part of a flame graph's SVG that is there without scripts.
#pragma once

#include <string>

#include "instruments/profile/draw/flame_style.hpp"
#include "instruments/profile/draw/flame_tree.hpp"

namespace signalbox::profile {

inline constexpr int kPictureWidth = 1200;

struct StillPicture {
  int height = 0;
  std::string markup;  // elements of SVG
};

StillPicture still_picture(const FlameTree& tree, const FlameStyle& style);

}  // namespace signalbox::profile
