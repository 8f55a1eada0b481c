#include "instruments/pack/solve/spaces.hpp"

namespace signalbox::pack {

void take_out(std::vector<Cuboid>& spaces, const Cuboid& filled, const Extent& least) {
  thread_local std::vector<Cuboid> made;
  made.clear();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    const Cuboid space = spaces[i];
    if (!meet(space, filled)) {
      bool too_small = false;
      for (std::size_t axis = 0; axis < 3; ++axis) too_small = too_small || space.side(axis) < least[axis];
      if (!too_small) spaces[kept++] = space;
      continue;
    }
    for (std::size_t axis = 0; axis < 3; ++axis) {
      bool fits_beside = true;
      for (std::size_t other = 0; other < 3; ++other)
        if (other != axis && space.side(other) < least[other]) fits_beside = false;
      if (!fits_beside) continue;
      if (filled.low[axis] - space.low[axis] >= least[axis] && filled.low[axis] > space.low[axis]) {
        made.push_back(space);
        made.back().high[axis] = filled.low[axis];
      }
      if (space.high[axis] - filled.high[axis] >= least[axis] && space.high[axis] > filled.high[axis]) {
        made.push_back(space);
        made.back().low[axis] = filled.high[axis];
      }
    }
  }
  spaces.resize(kept);
  for (std::size_t i = 0; i < made.size(); ++i) {
    bool maximal = true;
    for (std::size_t j = 0; j < kept && maximal; ++j) maximal = !inside(made[i], spaces[j]);
    for (std::size_t j = 0; j < made.size() && maximal; ++j)
      if (j != i && inside(made[i], made[j]))
        maximal = j > i && inside(made[j], made[i]);  // of two alike the first stays
    if (maximal) spaces.push_back(made[i]);
  }
}

}  // namespace signalbox::pack
