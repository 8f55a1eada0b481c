// What can be said of an order and a box without packing anything.
#pragma once

#include <span>
#include <string>

#include "instruments/pack/choose/objective.hpp"
#include "instruments/pack/choose/scaled.hpp"

namespace signalbox::pack {

// One unit of an item and one box.
struct ItemInBox {
  bool goes_in = false;    // in some turn, and not too heavy for it
  bool over_half = false;  // no two of what is over half go into one box
};
ItemInBox item_in_box(const Item& item, const Box& box);

// Why all these units cannot go into one such box; empty: nothing says so.
std::string why_not(const Order& order, const Counts& wanted, const Box& box);

// Whether dual feasible functions show that these units do not all go into one such box (Fekete and Schepers,
// "A general framework for bounds for higher-dimensional orthogonal packing problems", 2004): sides over a
// length less e count as that length, sides below e as nothing; what is larger than the box even then does
// not fit. Exact.
bool ruled_out(const Order& order, const Counts& wanted, const Box& box);

// No plan has fewer boxes: by volume, by weight, by max_per_box, and by the units of which no two go into one
// box together.
std::int64_t least_boxes(const Order& order, const Counts& wanted, std::span<const Box> boxes);

// Why this line goes into none of the boxes, and what is missing: "longer than every box: 'L', the nearest,
// wants 12 mm along its height". Empty: it goes into one.
std::string why_nowhere(const Item& item, std::span<const Box> boxes);

}  // namespace signalbox::pack
