// How a flame graph looks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/profile/draw/flame_tree.hpp"

namespace signalbox::profile {

enum class FlameOrientation : std::uint8_t {
  flame,   // the root at the bottom
  icicle,  // the root at the top
};

struct FlameStyle {
  std::string title;  // empty: made of the command and the value
  FlameOrientation orientation = FlameOrientation::flame;
};

// What is written over the picture.
std::string title_of(const FlameTree& tree, const FlameStyle& style);
// The facts that are read first, "30 s", "99 Hz", "9,007 samples", in the order they are told.
std::vector<std::string> subtitle_of(const FlameTree& tree);

}  // namespace signalbox::profile
