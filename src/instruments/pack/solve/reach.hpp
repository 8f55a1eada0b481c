// How much of a length pieces can fill exactly: subset sums of the sides of the pieces that are left.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "instruments/pack/solve/cargo.hpp"

namespace signalbox::pack {

class Reach {
 public:
  Reach() = default;
  // For the pieces of which `left[type]` are left. Long boxes are measured in at most kCells cells, rounded
  // down: the answer guides a search and proves nothing.
  Reach(const Cargo& cargo, const std::vector<std::int32_t>& left);

  // The largest sum of sides, each piece once and in any turn it may take, that is at most `length`.
  std::int32_t most(std::size_t axis, std::int32_t length) const {
    const auto& table = tables_[axis];
    return table[static_cast<std::size_t>(length / cell_[axis])] * cell_[axis];
  }

 private:
  static constexpr std::int32_t kCells = 1024;
  std::array<std::int32_t, 3> cell_{1, 1, 1};
  std::array<std::vector<std::int32_t>, 3> tables_;
};

}  // namespace signalbox::pack
