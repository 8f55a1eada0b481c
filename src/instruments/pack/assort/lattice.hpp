// Sizes of boxes that could be had: outer sides on a grid, on which carriers bill.
#pragma once

#include <optional>
#include <vector>

#include "instruments/pack/model/order.hpp"

namespace signalbox::pack {

struct Lattice {
  Length step = kInch;
  Length wall = 0;  // thickness of the board: inside is less by two in length and width, by four
                    // in height, where flaps lie double
  std::optional<Mass> max_weight;  // of each box with what is in it
  std::int64_t grams_per_m2 = 0;   // of the board
  std::size_t most = 60;           // sizes
};

// The thickness of a flute: E 1/16, B 1/8, C 5/32, BC 9/32 in.
std::optional<Length> wall_of_flute(std::string_view flute);

// Of all sizes on the grid between the orders' smallest and largest needs those that are the smallest into
// which most orders may go, judged by their longest sides and by their volume at most kLikelyFill of the
// inside, `most` at most. Length is at least width; a box is called by its sides in steps, "12x9x4". The same
// orders have the same sizes.
inline constexpr double kLikelyFill = 0.85;
std::vector<Box> lattice_sizes(const std::vector<Order>& orders, const Lattice& lattice);

}  // namespace signalbox::pack
