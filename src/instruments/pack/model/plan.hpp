// How an order is packed: the answer, as plain values.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "instruments/pack/model/order.hpp"

namespace signalbox::pack {

// One unit in its place. `at` is the corner nearest to the origin of the box's inside; x along its length, y
// along its width, z up.
struct Placement {
  std::size_t item = 0;  // index into the order's items
  int turn = 0;          // index into kTurns
  std::array<Length, 3> at{};
  Size size{};  // as it stands: turned
};

// One box with what is in it, in the order in which it is put there.
struct Package {
  std::size_t box = 0;  // index into the assortment
  std::vector<Placement> placements;
};

enum class Proof {
  optimal,    // no plan is better by the objective
  bounded,    // a bound says how far at most
  heuristic,  // nothing is proven
};
std::string_view name_of(Proof proof);

// The boxes of an order with what is in each, and what is known of plans that might be better.
struct Plan {
  std::vector<Package> packages;
  std::int64_t bound_boxes = 0;  // no plan has fewer boxes
  std::int64_t bound = 0;        // nor is what the objective tells of any plan, as pounds billed, below
  Proof proof = Proof::heuristic;
};

}  // namespace signalbox::pack
