// A box and what is in it, drawn in three dimensions: parallel projection from the front right, from above.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "instruments/pack/model/plan.hpp"

namespace signalbox::pack {

// What is drawn of one package.
struct PictureRequest {
  std::size_t shown = 0;  // that many placements, the first ones
  std::size_t fresh = 0;  // of them, those from here on are new: strong colours and a number
  double width = 320;     // of the picture, in pixels
};

// A self-contained <svg> with a title. Colours go by item.
std::string picture_svg(const Order& order, const Box& box, const Package& package,
                        const PictureRequest& request);

// In which order placements are painted so that nearer ones cover those behind: the indices of `placements`.
std::vector<std::size_t> paint_order(std::span<const Placement> placements);

// The colour of an item, "#4c78a8": the same in every picture of an order.
std::string colour_of(std::size_t item);

}  // namespace signalbox::pack
