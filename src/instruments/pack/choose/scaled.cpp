#include "instruments/pack/choose/scaled.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace signalbox::pack {
namespace {

bool goes_in(const Item& item, const Box& box) {
  for (int turn = 0; turn < 6; ++turn) {
    if (!((item.turns >> turn) & 1)) continue;
    const Size size = turned(item.size, turn);
    if (size[0] <= box.inner[0] && size[1] <= box.inner[1] && size[2] <= box.inner[2]) return true;
  }
  return false;
}

// Grams as the search has them: exact for whole milligrams; a limit is rounded down, a weight up.
double grams_up(Mass mass) {
  return std::ceil(static_cast<double>(mass) / (static_cast<double>(kGram) / 1e6)) / 1e6;
}
double grams_down(Mass mass) {
  return std::floor(static_cast<double>(mass) / (static_cast<double>(kGram) / 1e6)) / 1e6;
}

}  // namespace

Counts all_of(const Order& order) {
  Counts out;
  out.reserve(order.items.size());
  for (const Item& item : order.items) out.push_back(item.quantity);
  return out;
}

ScaledCargo scaled(const Order& order, const Counts& wanted, const Box& box, Support support) {
  ScaledCargo out;
  Length unit = std::gcd(std::gcd(box.inner[0], box.inner[1]), box.inner[2]);
  for (std::size_t i = 0; i < order.items.size(); ++i) {
    if (wanted[i] == 0 || !goes_in(order.items[i], box)) continue;
    for (const Length side : order.items[i].size) unit = std::gcd(unit, side);
    out.lines.push_back(i);
  }
  out.unit = unit;
  for (std::size_t axis = 0; axis < 3; ++axis)
    out.cargo.box[axis] = static_cast<std::int32_t>(box.inner[axis] / unit);
  if (box.max_weight) out.cargo.weight_limit = grams_down(*box.max_weight - box.tare);
  out.cargo.support_percent = support.percent;
  for (const std::size_t line : out.lines) {
    const Item& item = order.items[line];
    CargoType type;
    for (std::size_t axis = 0; axis < 3; ++axis)
      type.size[axis] = static_cast<std::int32_t>(item.size[axis] / unit);
    type.turns = item.turns;
    type.count = static_cast<std::int32_t>(item.max_per_box ? std::min(wanted[line], *item.max_per_box)
                                                            : wanted[line]);
    type.weight = grams_up(item.weight);
    type.no_stack = item.no_stack;
    type.bottom_only = item.bottom_only;
    if (item.max_load) type.max_load = grams_down(*item.max_load);
    out.cargo.types.push_back(type);
  }
  return out;
}

std::vector<Placement> placements_of(const ScaledCargo& scaled, const Stowage& stowage) {
  std::vector<Placement> out;
  out.reserve(stowage.pieces.size());
  for (const Stowed& piece : stowage.pieces) {
    Placement placement;
    placement.item = scaled.lines[static_cast<std::size_t>(piece.type)];
    placement.turn = piece.turn;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      placement.at[axis] = piece.at[axis] * scaled.unit;
      placement.size[axis] = piece.size[axis] * scaled.unit;
    }
    out.push_back(placement);
  }
  std::sort(out.begin(), out.end(), [](const Placement& a, const Placement& b) {
    return std::tie(a.at[2], a.at[0], a.at[1]) < std::tie(b.at[2], b.at[0], b.at[1]);
  });
  return out;
}

}  // namespace signalbox::pack
