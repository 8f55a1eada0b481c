#include "instruments/pack/choose/objective.hpp"

#include <algorithm>

namespace signalbox::pack {
namespace {

std::int64_t outer_mm3(const Box& box) {
  const ExactVolume cubic_mm = static_cast<ExactVolume>(kMillimetre) * kMillimetre * kMillimetre;
  return static_cast<std::int64_t>((volume_of(box.outer) + cubic_mm - 1) / cubic_mm);
}

}  // namespace

Cost& Cost::operator+=(const Cost& other) {
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i] += other.parts[i];
  return *this;
}

Cost Cost::operator+(const Cost& other) const {
  Cost out = *this;
  return out += other;
}

std::int64_t board_mm2(const Box& box) {
  const ExactVolume length = std::max(box.outer[0], box.outer[1]);
  const ExactVolume width = std::min(box.outer[0], box.outer[1]);
  const ExactVolume blank = 2 * (length + width) * (box.outer[2] + width);
  const ExactVolume square_mm = static_cast<ExactVolume>(kMillimetre) * kMillimetre;
  return static_cast<std::int64_t>((blank + square_mm - 1) / square_mm);
}

Price fewest_boxes() {
  return [](const Box& box, Mass) { return Cost{{1, outer_mm3(box), board_mm2(box)}}; };
}

Price least_volume() {
  return [](const Box& box, Mass) { return Cost{{outer_mm3(box), board_mm2(box), 1}}; };
}

Mass contents_of(const Order& order, const Package& package) {
  Mass out = 0;
  for (const Placement& placement : package.placements) out += order.items[placement.item].weight;
  return out;
}

Cost cost_of(const Order& order, std::span<const Box> boxes, const Plan& plan, const Price& price) {
  Cost out;
  for (const Package& package : plan.packages) out += price(boxes[package.box], contents_of(order, package));
  return out;
}

}  // namespace signalbox::pack
