#include "instruments/pack/choose/bounds.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <vector>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::pack {
namespace {

// How much is missing along each axis of the box, in the turn in which least is missing in all.
std::array<Length, 3> missing(const Item& item, const Box& box) {
  std::array<Length, 3> best{};
  Length least = std::numeric_limits<Length>::max();
  for (int turn = 0; turn < 6; ++turn) {
    if (!((item.turns >> turn) & 1)) continue;
    const Size size = turned(item.size, turn);
    std::array<Length, 3> here{};
    for (std::size_t axis = 0; axis < 3; ++axis)
      here[axis] = std::max<Length>(0, size[axis] - box.inner[axis]);
    if (here[0] + here[1] + here[2] >= least) continue;
    least = here[0] + here[1] + here[2];
    best = here;
  }
  return best;
}

bool is_none(const std::array<Length, 3>& lengths) {
  return lengths == std::array<Length, 3>{};
}

bool too_heavy(const Item& item, const Box& box) {
  return box.max_weight && box.tare + item.weight > *box.max_weight;
}

// More than half of the box along every axis, however it is turned: no two such things are beside, behind or
// on one another.
bool is_over_half(const Item& item, const Box& box) {
  for (int turn = 0; turn < 6; ++turn) {
    if (!((item.turns >> turn) & 1)) continue;
    const Size size = turned(item.size, turn);
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (2 * size[axis] <= box.inner[axis]) return false;
  }
  return true;
}

std::int64_t divided_up(ExactVolume value, ExactVolume by) {
  return static_cast<std::int64_t>((value + by - 1) / by);
}

// A side as the function of `edge` has it; edge 0 leaves all as they are.
Length dual_feasible(Length side, Length of, Length edge) {
  if (edge == 0) return side;
  if (side > of - edge) return of;
  return side < edge ? 0 : side;
}

constexpr std::size_t kEdges = 5;  // functions that are tried along one axis

// Edges worth trying along an axis: none, half, and what is left beside the sides that are over a half.
std::vector<Length> edges_of(const Order& order, const Counts& wanted, const Box& box, std::size_t axis) {
  const Length of = box.inner[axis];
  std::map<Length, std::int64_t> left;  // units beside which that much is left
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i] > 0)
      for (const Length side : order.items[i].size)
        if (2 * side > of && side <= of) left[of - side + 1] += wanted[i];
  std::vector<std::pair<std::int64_t, Length>> common;
  for (const auto& [edge, count] : left)
    if (2 * edge <= of) common.emplace_back(count, edge);
  std::sort(common.rbegin(), common.rend());
  std::vector<Length> out{0, of / 2};
  for (const auto& [count, edge] : common)
    if (out.size() < kEdges) out.push_back(edge);
  return out;
}

}  // namespace

ItemInBox item_in_box(const Item& item, const Box& box) {
  return {may_have(box, item) && is_none(missing(item, box)) && !too_heavy(item, box),
          is_over_half(item, box)};
}

bool ruled_out(const Order& order, const Counts& wanted, const Box& box) {
  struct Unit {
    std::int64_t count;
    std::vector<Size> stands;  // in the turns in which it goes in
  };
  std::vector<Unit> units;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == 0) continue;
    Unit unit{wanted[i], {}};
    for (int turn = 0; turn < 6; ++turn) {
      const Size size = turned(order.items[i].size, turn);
      if (((order.items[i].turns >> turn) & 1) && size[0] <= box.inner[0] && size[1] <= box.inner[1] &&
          size[2] <= box.inner[2])
        unit.stands.push_back(size);
    }
    units.push_back(std::move(unit));
  }
  const ExactVolume room = volume_of(box.inner);
  const auto x_edges = edges_of(order, wanted, box, 0);
  const auto y_edges = edges_of(order, wanted, box, 1);
  const auto z_edges = edges_of(order, wanted, box, 2);
  for (const Length x : x_edges)
    for (const Length y : y_edges)
      for (const Length z : z_edges) {
        ExactVolume sum = 0;
        for (const Unit& unit : units) {
          ExactVolume least = room + 1;
          for (const Size& size : unit.stands)
            least = std::min(least, static_cast<ExactVolume>(dual_feasible(size[0], box.inner[0], x)) *
                                        dual_feasible(size[1], box.inner[1], y) *
                                        dual_feasible(size[2], box.inner[2], z));
          sum += least * unit.count;
        }
        if (sum > room) return true;
      }
  return false;
}

std::string why_not(const Order& order, const Counts& wanted, const Box& box) {
  ExactVolume volume = 0;
  ExactVolume weight = box.tare;
  std::int64_t large = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == 0) continue;
    const Item& item = order.items[i];
    if (!is_none(missing(item, box))) return fmt::format("'{}' does not go in", printable(item.sku));
    if (item.max_per_box && wanted[i] > *item.max_per_box)
      return fmt::format("at most {} of '{}' may be in one box", *item.max_per_box, printable(item.sku));
    volume += volume_of(item.size) * wanted[i];
    weight += static_cast<ExactVolume>(item.weight) * wanted[i];
    if (is_over_half(item, box)) large += wanted[i];
  }
  if (volume > volume_of(box.inner)) return "the units have more volume than the box";
  if (box.max_weight && weight > *box.max_weight) return "the units weigh more than the box may hold";
  if (large > 1) return "two of the units are too large to be in one box";
  return "";
}

std::int64_t least_boxes(const Order& order, const Counts& wanted, std::span<const Box> boxes) {
  ExactVolume volume = 0;
  ExactVolume weight = 0;
  std::int64_t large = 0;  // no two of these go into one box
  std::int64_t heavy = 0;  // nor two of these
  std::int64_t out = 1;
  ExactVolume most_volume = 1;
  ExactVolume most_weight = 0;
  bool limited = true;
  for (const Box& box : boxes) {
    most_volume = std::max(most_volume, volume_of(box.inner));
    if (!box.max_weight) limited = false;
    if (box.max_weight) most_weight = std::max<ExactVolume>(most_weight, *box.max_weight - box.tare);
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Item& item = order.items[i];
    volume += volume_of(item.size) * wanted[i];
    weight += static_cast<ExactVolume>(item.weight) * wanted[i];
    if (item.max_per_box) out = std::max(out, divided_up(wanted[i], *item.max_per_box));
    if (std::all_of(boxes.begin(), boxes.end(),
                    [&](const Box& box) { return !is_none(missing(item, box)) || is_over_half(item, box); }))
      large += wanted[i];
    if (limited && 2 * static_cast<ExactVolume>(item.weight) > most_weight) heavy += wanted[i];
  }
  out = std::max({out, large, heavy, divided_up(volume, most_volume)});
  if (limited && most_weight > 0) out = std::max(out, divided_up(weight, most_weight));
  return out;
}

std::string why_nowhere(const Item& item, std::span<const Box> boxes) {
  const Box* nearest_box = nullptr;
  std::array<Length, 3> nearest_missing{};
  bool heavy = false;
  bool any = false;
  for (const Box& box : boxes) {
    if (!may_have(box, item)) continue;
    any = true;
    const auto here = missing(item, box);
    if (is_none(here)) {
      if (!too_heavy(item, box)) return "";
      heavy = true;
      continue;
    }
    if (!nearest_box ||
        here[0] + here[1] + here[2] < nearest_missing[0] + nearest_missing[1] + nearest_missing[2]) {
      nearest_box = &box;
      nearest_missing = here;
    }
  }
  if (!any)
    return fmt::format(
        "no box may have '{}': {}", printable(item.sku),
        item.returnable_only ? "it goes into returnable ones alone" : "none is where it is shipped from");
  if (heavy)
    return fmt::format("one '{}' weighs more than the boxes that it goes into may hold", printable(item.sku));
  std::string lacks;
  for (std::size_t axis = 0; axis < 3; ++axis)
    if (nearest_missing[axis] > 0)
      lacks += fmt::format("{}{} mm along its {}", lacks.empty() ? "" : " and ",
                           to_text(nearest_missing[axis], LengthUnit::mm), kSideNames[axis]);
  return fmt::format("'{}' is larger than every box; the nearest, '{}', lacks {}", printable(item.sku),
                     nearest_box ? printable(nearest_box->sku) : "", lacks);
}

}  // namespace signalbox::pack
