#include "instruments/pack/choose/packer.hpp"

#include <algorithm>
#include <numeric>

#include "instruments/pack/choose/bounds.hpp"

namespace signalbox::pack {
namespace {

constexpr std::size_t kFastBlocks = 300;       // of a first, greedy packing
constexpr std::size_t kThoroughBlocks = 2000;  // of a beam

enum class Vertical { shortest, longest };

// Leaves each type the turns in which that one of its sides is upright. False: nothing changed.
bool keep_turns(Cargo& cargo, Vertical vertical) {
  bool changed = false;
  for (CargoType& type : cargo.types) {
    std::int32_t best = -1;
    TurnSet kept = 0;
    for (std::size_t turn = 0; turn < 6; ++turn) {
      if (!((type.turns >> turn) & 1)) continue;
      const std::int32_t height = type.size[static_cast<std::size_t>(kTurns[turn][2])];
      const bool better = vertical == Vertical::shortest ? height < best : height > best;
      if (best < 0 || better) {
        best = height;
        kept = 0;
      }
      if (height == best) kept = static_cast<TurnSet>(kept | (1U << turn));
    }
    changed = changed || kept != type.turns;
    type.turns = kept;
  }
  return changed;
}

}  // namespace

Packer::Packer(const Order& order, std::span<const Box> boxes, const PlanRequest& request)
    : order_(order), boxes_(boxes), request_(request) {
  if (request.time) until_ = std::chrono::steady_clock::now() + *request.time;
}

Effort Packer::effort(std::uint64_t tries, bool general) const {
  Effort out;
  out.until = until_;
  out.max_width = tries;
  out.max_tries = tries;
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

std::optional<Package> Packer::all_into(std::size_t box, const Counts& units, Search how) {
  const ScaledCargo cargo = scaled(order_, units, boxes_[box], request_.support, Wanted::all);
  const auto try_with = [&](const Cargo& with, const Effort& effort) -> std::optional<Package> {
    const Stowage stowage = fill(with, effort);
    if (!stowage.everything) return std::nullopt;
    return Package{box, placements_of(order_, cargo, stowage)};
  };
  if (how == Search::quick) {
    // Lying first: it is how people pack. Less freedom also finds some that more does not.
    Cargo lying = cargo.cargo;
    if (keep_turns(lying, Vertical::shortest))
      if (auto out = try_with(lying, effort(1, false))) return out;
    if (auto out = try_with(cargo.cargo, effort(1, false))) return out;
    Cargo upright = cargo.cargo;
    if (keep_turns(upright, Vertical::longest))
      if (auto out = try_with(upright, effort(1, false))) return out;
    return std::nullopt;
  }
  return try_with(cargo.cargo, effort(request_.effort, true));
}

std::optional<Cheapest> Packer::cheapest(const Counts& units) {
  const Mass weight = weight_of(units);
  std::vector<std::pair<Cost, std::size_t>> order;
  for (std::size_t i = 0; i < boxes_.size(); ++i)
    if (why_not(order_, units, boxes_[i]).empty())
      order.emplace_back(request_.objective.price(boxes_[i], weight), i);
  std::sort(order.begin(), order.end());
  Cheapest out;
  for (const Search how : {Search::quick, Search::wide}) {
    if (how == Search::wide && request_.effort <= 1) break;
    for (std::size_t i = 0; i < order.size(); ++i) {
      auto package = all_into(order[i].second, units, how);
      if (!package) continue;
      // Boxes that are cheaper and were not ruled out are searched more widely before one that is dearer is
      // taken.
      if (how == Search::quick && request_.effort > 1)
        for (std::size_t cheaper = 0; cheaper < i; ++cheaper)
          if (auto better = all_into(order[cheaper].second, units, Search::wide)) {
            package = std::move(better);
            i = cheaper;
            break;
          }
      out.package = std::move(*package);
      out.proven = i == 0;
      return out;
    }
  }
  return std::nullopt;
}

Filled Packer::most_into(std::size_t box, const Counts& units) {
  const ScaledCargo cargo = scaled(order_, units, boxes_[box], request_.support);
  const Stowage stowage = fill(cargo.cargo, effort(request_.effort, true));
  Filled out;
  out.package = {box, placements_of(order_, cargo, stowage)};
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
