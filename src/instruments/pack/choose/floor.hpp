// What no plan for some units of an order is cheaper than, whatever it looks like.
#pragma once

#include <span>
#include <vector>

#include "instruments/pack/choose/objective.hpp"
#include "instruments/pack/choose/scaled.hpp"

namespace signalbox::pack {

class CostFloor {
 public:
  CostFloor(const Order& order, std::span<const Box> boxes, const Objective& objective);

  // Of plans with at least `packages` boxes, each part of the cost for itself: by what one box costs at least
  // and the box that the most demanding line needs, by the weight in all with the boxes', and by what the
  // room of each line costs in the box in which it costs least.
  Cost of(const Counts& units, std::int64_t packages) const;

  // Of any box.
  const Cost& of_one() const { return least_; }

 private:
  struct Line {
    Mass weight = 0;
    Cost needs{};                  // the box that costs least of those it goes into
    std::array<double, 4> room{};  // what the room of one unit costs at least
  };
  const Objective& objective_;
  std::vector<Line> lines_;
  Cost least_{};  // of a box
  Mass tare_ = 0;
};

}  // namespace signalbox::pack
