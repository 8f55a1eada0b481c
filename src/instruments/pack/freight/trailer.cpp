#include "instruments/pack/freight/trailer.hpp"

#include <algorithm>
#include <cmath>

#include "instruments/pack/choose/scaled.hpp"
#include "instruments/pack/solve/search.hpp"

namespace signalbox::pack {
namespace {

constexpr std::uint64_t kTries = 60;  // packings of one part of one length
constexpr int kHalvings = 12;         // of the length

// What of some units goes into the first `length` of the vehicle.
std::vector<Placement> filled(const Order& order, const Counts& units, const Box& trailer, Length length,
                              Support support, Wanted wanted) {
  Box part = trailer;
  part.inner[0] = length;
  const ScaledCargo cargo = scaled(order, units, part, support, wanted);
  Effort effort;
  effort.max_width = kTries;
  effort.max_tries = kTries;
  effort.everything = wanted == Wanted::all;
  effort.blocks.blocks = 400;
  effort.blocks.pairs = 8000;
  const Stowage stowage = fill(cargo.cargo, effort);
  std::int64_t asked = 0;
  for (const std::int64_t count : units) asked += count;
  if (wanted == Wanted::all && static_cast<std::int64_t>(stowage.pieces.size()) < asked) return {};
  return placements_of(order, cargo, stowage);
}

// To the front: nothing is gained by a gap before it.
void push_forward(std::vector<Placement>& placements) {
  Length least = kMaxLength;
  for (const Placement& placement : placements) least = std::min(least, placement.at[0]);
  for (Placement& placement : placements) placement.at[0] -= least;
}

Length end_of(const std::vector<Placement>& placements) {
  Length out = 0;
  for (const Placement& placement : placements) out = std::max(out, placement.at[0] + placement.size[0]);
  return out;
}

// All of a stop in as short a part as is found; empty: not in all that is left.
std::vector<Placement> shortest(const Order& order, const Box& trailer, Length room, Support support) {
  const Counts all = all_of(order);
  std::vector<Placement> best = filled(order, all, trailer, room, support, Wanted::all);
  if (best.empty()) return best;
  push_forward(best);
  Length most = end_of(best);
  double volume = 0;
  Length least = 0;
  for (const Item& item : order.items)
    volume += static_cast<double>(volume_of(item.size)) * static_cast<double>(item.quantity);
  least = static_cast<Length>(
      volume / (static_cast<double>(trailer.inner[1]) * static_cast<double>(trailer.inner[2])));
  for (int i = 0; i < kHalvings && most - least > kMillimetre; ++i) {
    const Length middle = (least + most) / 2 / kMillimetre * kMillimetre;
    std::vector<Placement> shorter = filled(order, all, trailer, middle, support, Wanted::all);
    if (shorter.empty()) {
      least = middle;
      continue;
    }
    push_forward(shorter);
    most = std::min(middle, end_of(shorter));
    best = std::move(shorter);
  }
  return best;
}

// How far all must go to the rear so that the kingpin bears no more than it may.
Length shift_for(const Order& order, const Package& package, const Axles& axles, Length room) {
  if (!axles.max_kingpin || room <= 0) return 0;
  const AxleLoads now = axle_loads(order, package, axles);
  const Mass over = now.kingpin - *axles.max_kingpin;
  const Mass weight = now.kingpin + now.rear;
  if (over <= 0 || weight <= 0) return 0;
  // The whole weight moved by d takes weight * d / wheelbase from the kingpin.
  const double needed = static_cast<double>(over) / static_cast<double>(weight) *
                        static_cast<double>(axles.rear - axles.kingpin);
  return std::min(room, (static_cast<Length>(needed) / kMillimetre + 1) * kMillimetre);
}

}  // namespace

AxleLoads axle_loads(const Order& order, const Package& package, const Axles& axles) {
  double weight = 0;
  double moment = 0;
  for (const Placement& placement : package.placements) {
    const double own = static_cast<double>(order.items[placement.item].weight);
    weight += own;
    moment += own * (static_cast<double>(placement.at[0]) + static_cast<double>(placement.size[0]) / 2 -
                     static_cast<double>(axles.kingpin));
  }
  const double rear = moment / static_cast<double>(axles.rear - axles.kingpin);
  return {std::llround(weight - rear), std::llround(rear)};
}

TrailerLoad load_trailer(const TrailerRequest& request) {
  TrailerLoad out;
  out.begins.assign(request.stops.size(), 0);
  out.ends.assign(request.stops.size(), 0);
  out.order.id = "trailer";
  Package package;
  Length front = 0;
  Mass weight = 0;
  for (std::size_t stop = request.stops.size(); stop-- > 0;) {
    const Order& order = request.stops[stop];
    Box rest = request.trailer;
    if (rest.max_weight) *rest.max_weight -= weight;
    const Length room = request.trailer.inner[0] - front;
    std::vector<Placement> placements;
    Mass whole = 0;
    for (const Item& item : order.items) whole += item.weight * item.quantity;
    const bool too_heavy = rest.max_weight && rest.tare + whole > *rest.max_weight;
    if (room > 0 && !too_heavy) placements = shortest(order, rest, room, request.support);
    if (placements.empty() && room > 0) {
      placements = filled(order, all_of(order), rest, room, request.support, Wanted::most);
      push_forward(placements);
    }
    std::vector<std::int64_t> loaded(order.items.size(), 0);
    for (const Placement& placement : placements) ++loaded[placement.item];
    std::vector<std::size_t> at(order.items.size(), 0);
    for (std::size_t i = 0; i < order.items.size(); ++i) {
      Item item = order.items[i];
      item.stop = static_cast<std::int64_t>(stop) + 1;
      item.quantity = order.items[i].quantity - loaded[i];
      if (item.quantity > 0) out.left.push_back(item);
      item.quantity = loaded[i];
      at[i] = out.order.items.size();
      weight += item.weight * item.quantity;
      if (loaded[i] > 0) out.order.items.push_back(std::move(item));
    }
    out.begins[stop] = front;
    const Length end = front + end_of(placements);
    for (Placement& placement : placements) {
      placement.at[0] += front;
      placement.item = at[placement.item];
      package.placements.push_back(placement);
    }
    front = end;
    out.ends[stop] = end;
  }
  if (request.trailer.axles) {
    out.shifted = shift_for(out.order, package, *request.trailer.axles, request.trailer.inner[0] - front);
    for (Placement& placement : package.placements) placement.at[0] += out.shifted;
    for (std::size_t stop = 0; stop < request.stops.size(); ++stop) {
      out.begins[stop] += out.shifted;
      out.ends[stop] += out.shifted;
    }
  }
  out.plan.bound_boxes = 1;
  out.plan.proof = Proof::heuristic;
  out.plan.packages.push_back(std::move(package));
  return out;
}

}  // namespace signalbox::pack
