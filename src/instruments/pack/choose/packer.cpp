#include "instruments/pack/choose/packer.hpp"

#include <algorithm>
#include <numeric>

#include "instruments/pack/choose/bounds.hpp"

namespace signalbox::pack {
namespace {

constexpr std::size_t kFastBlocks = 300;       // of a first, greedy packing
constexpr std::size_t kThoroughBlocks = 2000;  // of a beam

}  // namespace

Packer::Packer(const Order& order, std::span<const Box> boxes, const PlanRequest& request)
    : order_(order), boxes_(boxes), request_(request) {
  if (request.time) until_ = std::chrono::steady_clock::now() + *request.time;
}

Effort Packer::effort(std::size_t width, bool general) const {
  Effort out;
  out.until = until_;
  out.max_width = width;
  out.blocks.general = general;
  out.blocks.blocks = general ? kThoroughBlocks : kFastBlocks;
  out.blocks.pairs = 20 * out.blocks.blocks;
  return out;
}

Mass Packer::weight_of(const Counts& units) const {
  Mass out = 0;
  for (std::size_t i = 0; i < units.size(); ++i) out += units[i] * order_.items[i].weight;
  return out;
}

std::optional<Package> Packer::all_into(std::size_t box, const Counts& units) {
  const ScaledCargo cargo = scaled(order_, units, boxes_[box], request_.support);
  Stowage stowage = fill(cargo.cargo, effort(1, false));
  if (!stowage.everything && request_.effort > 1) stowage = fill(cargo.cargo, effort(request_.effort, true));
  if (!stowage.everything) return std::nullopt;
  return Package{box, placements_of(cargo, stowage)};
}

std::optional<Cheapest> Packer::cheapest(const Counts& units) {
  const Mass weight = weight_of(units);
  std::vector<std::pair<Cost, std::size_t>> order;
  for (std::size_t i = 0; i < boxes_.size(); ++i)
    if (why_not(order_, units, boxes_[i]).empty()) order.emplace_back(request_.price(boxes_[i], weight), i);
  std::sort(order.begin(), order.end());
  Cheapest out;
  out.proven = true;
  for (const auto& [cost, box] : order) {
    if (auto package = all_into(box, units)) {
      out.package = std::move(*package);
      return out;
    }
    out.proven = false;
  }
  return std::nullopt;
}

Filled Packer::most_into(std::size_t box, const Counts& units) {
  const ScaledCargo cargo = scaled(order_, units, boxes_[box], request_.support);
  const Stowage stowage = fill(cargo.cargo, effort(request_.effort, true));
  Filled out;
  out.package = {box, placements_of(cargo, stowage)};
  out.counts.assign(units.size(), 0);
  for (const Placement& placement : out.package.placements) ++out.counts[placement.item];
  double volume = 0;
  double weight = 0;
  for (std::size_t i = 0; i < units.size(); ++i) {
    const double unit_volume = litres(order_.items[i].size);
    const double unit_weight = as_number(order_.items[i].weight, MassUnit::g);
    volume += static_cast<double>(units[i]) * unit_volume;
    weight += static_cast<double>(units[i]) * unit_weight;
    out.volume += static_cast<double>(out.counts[i]) * unit_volume;
    out.weight += static_cast<double>(out.counts[i]) * unit_weight;
  }
  out.volume = volume > 0 ? out.volume / volume : 0;
  out.weight = weight > 0 ? out.weight / weight : 0;
  return out;
}

}  // namespace signalbox::pack
