// The free room of a box as maximal spaces: the largest cuboids that nothing reaches into (Lai and Chan 1997;
// Parreño, Alvarez-Valdes, Oliveira, Tamarit 2010). They overlap.
#pragma once

#include <vector>

#include "instruments/pack/solve/cargo.hpp"

namespace signalbox::pack {

struct Cuboid {
  Extent low{};
  Extent high{};

  std::int32_t side(std::size_t axis) const { return high[axis] - low[axis]; }
};

inline bool meet(const Cuboid& a, const Cuboid& b) {
  return a.low[0] < b.high[0] && b.low[0] < a.high[0] && a.low[1] < b.high[1] && b.low[1] < a.high[1] &&
         a.low[2] < b.high[2] && b.low[2] < a.high[2];
}

inline bool inside(const Cuboid& inner, const Cuboid& outer) {
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (inner.low[axis] < outer.low[axis] || inner.high[axis] > outer.high[axis]) return false;
  return true;
}

// Takes `filled` out of the spaces. Spaces with a side below `least` are dropped: nothing that is left goes
// in.
void take_out(std::vector<Cuboid>& spaces, const Cuboid& filled, const Extent& least);

}  // namespace signalbox::pack
