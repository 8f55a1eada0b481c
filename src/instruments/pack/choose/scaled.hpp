// Orders and boxes as the whole numbers that the search works on, and back.
#pragma once

#include <span>
#include <vector>

#include "instruments/pack/model/plan.hpp"
#include "instruments/pack/solve/cargo.hpp"

namespace signalbox::pack {

// How many units of each line of an order.
using Counts = std::vector<std::int64_t>;

Counts all_of(const Order& order);

// One box and some of an order, measured in the largest unit in which all its lengths are whole.
struct ScaledCargo {
  Cargo cargo;
  Length unit = 1;                 // ticks
  std::vector<std::size_t> lines;  // of the order, by type of the cargo
};

// Lines of which no unit is wanted, or that go into the box in no turn, are left out. `max_per_box` limits
// the counts.
ScaledCargo scaled(const Order& order, const Counts& wanted, const Box& box, Support support);

// The pieces of a stowage as placements, in an order in which each can be put in from above: by where they
// stand, the lowest first.
std::vector<Placement> placements_of(const ScaledCargo& scaled, const Stowage& stowage);

}  // namespace signalbox::pack
