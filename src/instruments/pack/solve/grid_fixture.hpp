// For tests: whether pieces go into a small box, by every place of a grid of whole numbers. Pieces that go in
// at all go in there, pushed to the corner.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "instruments/pack/solve/cargo.hpp"

namespace signalbox::pack::fixture {

class Grid {
 public:
  explicit Grid(const Extent& box)
      : box_(box),
        full_(static_cast<std::size_t>(box[0]) * static_cast<std::size_t>(box[1]) *
              static_cast<std::size_t>(box[2])) {}

  bool takes(const std::vector<CargoType>& pieces, std::size_t from = 0) {
    if (from == pieces.size()) return true;
    std::vector<Extent> seen;
    for (std::size_t turn = 0; turn < 6; ++turn) {
      if (!((pieces[from].turns >> turn) & 1)) continue;
      Extent size{};
      for (std::size_t axis = 0; axis < 3; ++axis)
        size[axis] = pieces[from].size[static_cast<std::size_t>(kTurns[turn][axis])];
      if (std::find(seen.begin(), seen.end(), size) != seen.end()) continue;
      seen.push_back(size);
      Extent at{};
      for (at[2] = 0; at[2] + size[2] <= box_[2]; ++at[2])
        for (at[1] = 0; at[1] + size[1] <= box_[1]; ++at[1])
          for (at[0] = 0; at[0] + size[0] <= box_[0]; ++at[0]) {
            if (!is_free(at, size)) continue;
            set(at, size, true);
            const bool rest = takes(pieces, from + 1);
            set(at, size, false);
            if (rest) return true;
          }
    }
    return false;
  }

 private:
  template <class Visit>
  void each(const Extent& at, const Extent& size, const Visit& visit) {
    for (std::int32_t z = at[2]; z < at[2] + size[2]; ++z)
      for (std::int32_t y = at[1]; y < at[1] + size[1]; ++y)
        for (std::int32_t x = at[0]; x < at[0] + size[0]; ++x)
          visit(static_cast<std::size_t>((z * box_[1] + y) * box_[0] + x));
  }
  bool is_free(const Extent& at, const Extent& size) {
    bool out = true;
    each(at, size, [&](std::size_t cell) { out = out && !full_[cell]; });
    return out;
  }
  void set(const Extent& at, const Extent& size, bool full) {
    each(at, size, [&](std::size_t cell) { full_[cell] = full; });
  }

  Extent box_;
  std::vector<bool> full_;
};

}  // namespace signalbox::pack::fixture
