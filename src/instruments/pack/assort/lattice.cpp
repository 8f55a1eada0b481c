#include "instruments/pack/assort/lattice.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "instruments/pack/choose/objective.hpp"

namespace signalbox::pack {
namespace {

constexpr std::size_t kMostTried = 20'000;  // sizes on the grid
constexpr std::size_t kMostAsked = 5'000;   // orders by which sizes are judged, spread over all

// What an order asks of a box at least: the longest of its units' longest sides, of their middle ones, of
// their shortest ones, and its volume.
struct Need {
  Size sides{};
  double volume = 0;
};

Need need_of(const Order& order) {
  Need out;
  for (const Item& item : order.items) {
    Size sides = item.size;
    std::sort(sides.begin(), sides.end(), std::greater<>());
    for (std::size_t i = 0; i < 3; ++i) out.sides[i] = std::max(out.sides[i], sides[i]);
    out.volume += static_cast<double>(volume_of(item.size)) * static_cast<double>(item.quantity);
  }
  return out;
}

Box box_of(const std::array<std::int64_t, 3>& steps, const Lattice& lattice) {
  Box out;
  out.sku = fmt::format("{}x{}x{}", steps[0], steps[1], steps[2]);
  for (std::size_t i = 0; i < 3; ++i) {
    out.outer[i] = steps[i] * lattice.step;
    out.inner[i] = out.outer[i] - (i == 2 ? 4 : 2) * lattice.wall;
  }
  out.max_weight = lattice.max_weight;
  out.tare = static_cast<Mass>(static_cast<double>(board_mm2(out)) / 1e6 *
                               static_cast<double>(lattice.grams_per_m2) * 1e9);
  return out;
}

bool may_take(const Box& box, const Need& need) {
  Size sides = box.inner;
  std::sort(sides.begin(), sides.end(), std::greater<>());
  for (std::size_t i = 0; i < 3; ++i)
    if (need.sides[i] > sides[i]) return false;
  return need.volume <= kLikelyFill * static_cast<double>(volume_of(box.inner));
}

}  // namespace

std::optional<Length> wall_of_flute(std::string_view flute) {
  if (flute == "E") return kInch / 16;
  if (flute == "B") return kInch / 8;
  if (flute == "C") return 5 * kInch / 32;
  if (flute == "BC") return 9 * kInch / 32;
  return std::nullopt;
}

std::vector<Box> lattice_sizes(const std::vector<Order>& orders, const Lattice& lattice) {
  std::vector<Need> needs;
  const std::size_t every = orders.size() / kMostAsked + 1;
  Length longest = 1;
  double volume = 1;
  for (std::size_t i = 0; i < orders.size(); i += every) {
    needs.push_back(need_of(orders[i]));
    longest = std::max(longest, needs.back().sides[0]);
    volume = std::max(volume, needs.back().volume);
  }
  const double most_volume = volume / kLikelyFill;
  const Length cube = static_cast<Length>(std::cbrt(most_volume));
  std::int64_t most = (std::max(longest, cube) + 4 * lattice.wall) / lattice.step + 1;
  // Of a fine grid only each second, third … size is tried.
  std::int64_t by = 1;
  while (static_cast<std::size_t>((most / by) * (most / by) * (most / by) / 2) > kMostTried) ++by;
  std::vector<Box> tried;
  for (std::int64_t l = by; l <= most + by; l += by)
    for (std::int64_t w = by; w <= l; w += by)
      for (std::int64_t h = by; h <= most + by; h += by) {
        const Box box = box_of({l, w, h}, lattice);
        if (box.inner[0] > 0 && box.inner[1] > 0 && box.inner[2] > 0) tried.push_back(box);
      }
  std::stable_sort(tried.begin(), tried.end(),
                   [](const Box& a, const Box& b) { return volume_of(a.outer) < volume_of(b.outer); });
  std::vector<std::size_t> wanted(tried.size(), 0);
  for (const Need& need : needs)
    for (std::size_t i = 0; i < tried.size(); ++i)
      if (may_take(tried[i], need)) {
        ++wanted[i];
        break;
      }
  std::vector<std::size_t> order(tried.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return wanted[a] > wanted[b]; });
  // The largest that any order wants is always among them: otherwise that order has no box.
  std::size_t largest = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (wanted[i] > 0) largest = i;
  std::vector<std::size_t> kept{largest};
  for (const std::size_t i : order)
    if (kept.size() < lattice.most && wanted[i] > 0 && i != largest) kept.push_back(i);
  std::sort(kept.begin(), kept.end());
  std::vector<Box> out;
  for (const std::size_t i : kept) out.push_back(tried[i]);
  return out;
}

}  // namespace signalbox::pack
