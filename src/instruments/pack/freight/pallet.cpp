#include "instruments/pack/freight/pallet.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/freight/pattern.hpp"

namespace signalbox::pack {
namespace {

// A layer of cases that stand on one of their sides' pairs.
struct Layer {
  Length height = 0;
  std::array<int, 2> turns{-1, -1};  // along, across; -1: not allowed
  Pattern pattern;
};

// Of a vertical side the turns that lay the two others along and across.
std::optional<Layer> layer_of(const PalletRequest& request, const Box& box, int vertical) {
  Layer out;
  Length a = 0;
  Length b = 0;
  for (int turn = 0; turn < 6; ++turn) {
    if (!((request.item.turns >> turn) & 1) || kTurns[static_cast<std::size_t>(turn)][2] != vertical)
      continue;
    const Size size = turned(request.item.size, turn);
    if (out.turns[0] < 0) {
      out.turns[0] = turn;
      a = size[0];
      b = size[1];
      out.height = size[2];
    } else {
      out.turns[1] = turn;
    }
  }
  if (out.turns[0] < 0) return std::nullopt;
  out.pattern = best_pattern(box.inner[0], box.inner[1], a, b, out.turns[1] >= 0);
  return out;
}

// How many layers of each kind: most cases within the height and the number of cases.
struct Kind {
  Length height = 0;
  std::int64_t cases = 0;  // in a layer
};
struct Stack {
  std::vector<std::size_t> layers;
  std::int64_t cases = 0;
};

void best_stack(const std::vector<Kind>& kinds, Length height, std::size_t from, Stack& now, Stack& best) {
  if (now.cases > best.cases) best = now;
  if (from == kinds.size()) return;
  const Kind& kind = kinds[from];
  const std::int64_t most = kind.cases > 0 ? height / kind.height : 0;
  // Of the last kind as many as the height has room for.
  const std::int64_t least = from + 1 == kinds.size() ? most : 0;
  const Stack before = now;
  for (std::int64_t count = most; count >= least; --count) {
    now.layers.resize(before.layers.size() + static_cast<std::size_t>(count), from);
    now.cases = before.cases + count * kind.cases;
    best_stack(kinds, height - count * kind.height, from + 1, now, best);
  }
  now = before;
}

Stack best_stack(const std::vector<Kind>& kinds, Length height) {
  Stack now;
  Stack best;
  best_stack(kinds, height, 0, now, best);
  return best;
}

// So small a case that more than kMostInARow of them lie along the pallet, or stand on one another.
bool is_too_small(const Item& item, const Box& box) {
  const Length shortest = *std::min_element(item.size.begin(), item.size.end());
  return shortest * kMostInARow < *std::max_element(box.inner.begin(), box.inner.end());
}

}  // namespace

Box box_of(const PalletKind& pallet, Length max_height, Length overhang) {
  Box out;
  out.sku = pallet.name;
  out.inner = {pallet.length + 2 * overhang, pallet.width + 2 * overhang, max_height - pallet.deck};
  out.outer = {out.inner[0], out.inner[1], max_height};
  out.tare = pallet.tare;
  out.max_weight = pallet.max_load + pallet.tare;
  return out;
}

Result<PalletLoad> load_pallet(const PalletRequest& request) {
  PalletLoad out;
  if (request.max_height <= request.pallet.deck)
    return fail(ErrorKind::bad_input, "the pallet alone is higher than the load may be");
  out.box = box_of(request.pallet, request.max_height, request.overhang);
  if (is_too_small(request.item, out.box))
    return fail(
        ErrorKind::bad_input,
        fmt::format("of '{}' more than {} would lie in a row", printable(request.item.sku), kMostInARow),
        "what is so small goes on a pallet in cases");
  std::vector<Layer> kinds;
  for (int vertical = 0; vertical < 3; ++vertical)
    if (auto layer = layer_of(request, out.box, vertical)) kinds.push_back(std::move(*layer));
  // The fullest kind first, so that it lies below.
  std::stable_sort(kinds.begin(), kinds.end(), [](const Layer& a, const Layer& b) {
    return a.pattern.pieces.size() > b.pattern.pieces.size();
  });
  std::vector<Kind> found;
  std::vector<Kind> bounds;
  for (const Layer& layer : kinds) {
    found.push_back({layer.height, static_cast<std::int64_t>(layer.pattern.pieces.size())});
    bounds.push_back({layer.height, layer.pattern.bound});
  }
  const Stack best = best_stack(found, out.box.inner[2]);
  std::int64_t most = request.item.quantity;
  if (request.item.weight > 0) most = std::min(most, request.pallet.max_load / request.item.weight);
  if (best.cases == 0 || most == 0)
    return fail(ErrorKind::conflict, fmt::format("not one '{}' goes on the pallet '{}'",
                                                 printable(request.item.sku), out.box.sku));
  if (std::min(most, best.cases) > kMostCases)
    return fail(ErrorKind::bad_input,
                fmt::format("{} of '{}' go on the pallet, {} are the most that are judged",
                            std::min(most, best.cases), printable(request.item.sku), kMostCases),
                "fewer of them, or larger cases");
  out.bound = std::min(most, best_stack(bounds, out.box.inner[2]).cases);
  Package package;
  Length z = 0;
  for (std::size_t i = 0; i < best.layers.size(); ++i) {
    const Layer& layer = kinds[best.layers[i]];
    const bool about = request.layers == PalletRequest::Layers::interlock && i % 2 == 1;
    out.layers.push_back(0);
    for (const PatternPiece& piece : layer.pattern.pieces) {
      if (static_cast<std::int64_t>(package.placements.size()) == most) break;
      Placement placement;
      placement.turn = layer.turns[piece.across ? 1 : 0];
      placement.size = turned(request.item.size, placement.turn);
      placement.at = {piece.x, piece.y, z};
      if (about)
        for (std::size_t axis = 0; axis < 2; ++axis)
          placement.at[axis] = out.box.inner[axis] - placement.at[axis] - placement.size[axis];
      package.placements.push_back(placement);
      ++out.layers.back();
    }
    if (out.layers.back() == 0) out.layers.pop_back();
    z += layer.height;
  }
  out.order.id = "pallet";
  out.order.items.push_back(request.item);
  out.order.items[0].quantity = static_cast<std::int64_t>(package.placements.size());
  out.plan.proof = out.order.items[0].quantity == out.bound ? Proof::optimal : Proof::bounded;
  out.plan.bound_boxes = 1;
  out.plan.packages.push_back(std::move(package));
  return out;
}

}  // namespace signalbox::pack
