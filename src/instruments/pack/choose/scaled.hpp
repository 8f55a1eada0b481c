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
  Length unit = 1;  // ticks
  // By type of the cargo: lines of the order, each with its units. Lines that differ in weight alone are one
  // type where the weight decides nothing.
  std::vector<std::vector<std::pair<std::size_t, std::int64_t>>> lines;
};

// all: every unit is to go in, so their weights are known beforehand and decide nothing more.
enum class Wanted { most, all };

// Whether the box may have that item at all: returnable where the item wants that, and where it is shipped
// from.
bool may_have(const Box& box, const Item& item);

// Lines of which no unit is wanted, that the box may not have, or that go into the box in no turn, are left
// out. `max_per_box` limits the counts.
ScaledCargo scaled(const Order& order, const Counts& wanted, const Box& box, Support support,
                   Wanted how = Wanted::most);

// The pieces of a stowage as placements, in an order in which each can be put in from above: by where they
// stand, the lowest first.
std::vector<Placement> placements_of(const Order& order, const ScaledCargo& scaled, const Stowage& stowage);

}  // namespace signalbox::pack
