// A flame graph as small as a stamp: what a list of profiles shows of each.
#pragma once

#include <string>

#include "instruments/profile/draw/flame_tree.hpp"

namespace signalbox::profile {

inline constexpr std::size_t kThumbnailBoxes = 160;
inline constexpr std::uint32_t kThumbnailRows = 24;

// JSON: {"rows": 12, "boxes": [[left, width, row, "u3"], …]} with the root in row 0, left and width in
// thousandths of the whole, and the class of its colour (flame.css). Names are not in it.
std::string thumbnail_json(const FlameTree& tree);

}  // namespace signalbox::profile
