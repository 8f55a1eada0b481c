#include "instruments/pack/choose/scaled.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace signalbox::pack {
namespace {

bool goes_in(const Item& item, const Box& box) {
  if (!may_have(box, item)) return false;
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

bool may_have(const Box& box, const Item& item) {
  return (box.returnable || !item.returnable_only) && (box.source.empty() || box.source == item.source);
}

Counts all_of(const Order& order) {
  Counts out;
  out.reserve(order.items.size());
  for (const Item& item : order.items) out.push_back(item.quantity);
  return out;
}

namespace {

CargoType type_of(const Item& item, std::int64_t wanted, Length unit) {
  CargoType out;
  for (std::size_t axis = 0; axis < 3; ++axis)
    out.size[axis] = static_cast<std::int32_t>(item.size[axis] / unit);
  out.turns = item.turns;
  // What may be turned at will is the same however it was measured.
  if (item.turns == kAnyTurn) std::sort(out.size.begin(), out.size.end(), std::greater<>());
  out.count = static_cast<std::int32_t>(item.max_per_box ? std::min(wanted, *item.max_per_box) : wanted);
  out.weight = grams_up(item.weight);
  out.no_stack = item.no_stack;
  out.bottom_only = item.bottom_only;
  if (item.max_load) out.max_load = grams_down(*item.max_load);
  return out;
}

bool alike(const CargoType& a, const CargoType& b) {
  return a.size == b.size && a.turns == b.turns && a.no_stack == b.no_stack && a.bottom_only == b.bottom_only;
}

// The turn in which an item stands so; it may, or looks the same as it would in a turn that it may.
int turn_of(const Item& item, const Size& size) {
  for (const bool allowed : {true, false})
    for (int turn = 0; turn < 6; ++turn)
      if ((!allowed || ((item.turns >> turn) & 1)) && turned(item.size, turn) == size) return turn;
  return 0;
}

}  // namespace

ScaledCargo scaled(const Order& order, const Counts& wanted, const Box& box, Support support, Wanted how) {
  ScaledCargo out;
  Length unit = std::gcd(std::gcd(box.inner[0], box.inner[1]), box.inner[2]);
  std::vector<std::size_t> lines;
  bool loads = support.rule == Support::Rule::balance;  // weights decide
  for (std::size_t i = 0; i < order.items.size(); ++i) {
    if (wanted[i] == 0 || !goes_in(order.items[i], box)) continue;
    for (const Length side : order.items[i].size) unit = std::gcd(unit, side);
    loads = loads || order.items[i].max_load;
    lines.push_back(i);
  }
  out.unit = unit;
  for (std::size_t axis = 0; axis < 3; ++axis)
    out.cargo.box[axis] = static_cast<std::int32_t>(box.inner[axis] / unit);
  if (box.max_weight && how == Wanted::most) out.cargo.weight_limit = grams_down(*box.max_weight - box.tare);
  out.cargo.support_rule = support.rule;
  // By another rule than that of an area nothing floats either.
  out.cargo.support_percent = support.rule == Support::Rule::area ? support.percent : 1;
  for (const std::size_t line : lines) {
    CargoType type = type_of(order.items[line], wanted[line], unit);
    const std::int64_t units = type.count;
    std::size_t same = out.cargo.types.size();
    for (std::size_t i = 0; i < same; ++i)
      if (alike(out.cargo.types[i], type) &&
          (out.cargo.types[i].weight == type.weight || (how == Wanted::all && !loads)) &&
          out.cargo.types[i].max_load == type.max_load)
        same = i;
    if (same == out.cargo.types.size()) {
      out.cargo.types.push_back(type);
      out.lines.push_back({{line, units}});
    } else {
      out.cargo.types[same].count += type.count;
      out.lines[same].emplace_back(line, units);
    }
  }
  return out;
}

std::vector<Placement> placements_of(const Order& order, const ScaledCargo& scaled, const Stowage& stowage) {
  std::vector<Placement> out;
  out.reserve(stowage.pieces.size());
  for (const Stowed& piece : stowage.pieces) {
    Placement placement;
    for (std::size_t axis = 0; axis < 3; ++axis) {
      placement.at[axis] = piece.at[axis] * scaled.unit;
      placement.size[axis] = piece.size[axis] * scaled.unit;
    }
    placement.item = static_cast<std::size_t>(piece.type);  // until the lines are dealt out
    out.push_back(placement);
  }
  std::sort(out.begin(), out.end(), [](const Placement& a, const Placement& b) {
    return std::tie(a.at[2], a.at[0], a.at[1]) < std::tie(b.at[2], b.at[0], b.at[1]);
  });
  // Of lines that are one type the heaviest unit goes lowest.
  auto lines = scaled.lines;
  for (auto& each : lines)
    std::stable_sort(each.begin(), each.end(), [&](const auto& a, const auto& b) {
      return order.items[a.first].weight > order.items[b.first].weight;
    });
  std::vector<std::size_t> at(lines.size(), 0);
  for (Placement& placement : out) {
    const std::size_t type = placement.item;
    while (lines[type][at[type]].second == 0) ++at[type];
    auto& [line, left] = lines[type][at[type]];
    --left;
    placement.item = line;
    placement.turn = turn_of(order.items[line], placement.size);
  }
  return out;
}

}  // namespace signalbox::pack
