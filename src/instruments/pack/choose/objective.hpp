// What makes one plan better than another.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <span>

#include "instruments/pack/model/plan.hpp"

namespace signalbox::pack {

// Of a package, or, added up, of a plan: the first number counts most.
struct Cost {
  std::array<std::int64_t, 3> parts{};

  auto operator<=>(const Cost&) const = default;
  Cost& operator+=(const Cost& other);
  Cost operator+(const Cost& other) const;
};

// Of one box whose contents weigh that much. It must not fall where the contents weigh more.
using Price = std::function<Cost(const Box& box, Mass contents)>;

// Boxes, then their outer volume in mm³, then the board they are made of in mm².
Price fewest_boxes();
// Outer volume in mm³, then board, then boxes.
Price least_volume();

// The outer surface of a box twice over on top and bottom, as a regular slotted container has it, in mm².
std::int64_t board_mm2(const Box& box);

Mass contents_of(const Order& order, const Package& package);
Cost cost_of(const Order& order, std::span<const Box> boxes, const Plan& plan, const Price& price);

}  // namespace signalbox::pack
