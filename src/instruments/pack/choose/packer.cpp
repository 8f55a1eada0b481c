#include "instruments/pack/choose/packer.hpp"

#include <algorithm>
#include <numeric>

#include "instruments/pack/choose/bounds.hpp"

namespace signalbox::pack {
namespace {

constexpr std::size_t kFastBlocks = 300;      // of a first, greedy packing
constexpr std::size_t kThoroughBlocks = 400;  // of a beam

constexpr std::uint64_t kFillTries = 40;  // where as much as goes in is wanted

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
    const bool is_narrower = keep_turns(lying, Vertical::shortest);
    if (is_narrower)
      if (auto out = try_with(lying, effort(1, false))) return out;
    Effort wide_first = effort(1, false);
    wide_first.blocks.prefer = BlockLimits::Prefer::base;
    if (auto out = try_with(lying, wide_first)) return out;
    if (auto out = try_with(cargo.cargo, effort(1, false))) return out;
    Cargo upright = cargo.cargo;
    if (keep_turns(upright, Vertical::longest))
      if (auto out = try_with(upright, effort(1, false))) return out;
    return std::nullopt;
  }
  Effort wide = effort(request_.effort, true);
  wide.everything = true;
  return try_with(cargo.cargo, wide);
}

std::optional<Cheapest> Packer::cheapest(const Counts& units) {
  const Mass weight = weight_of(units);
  std::vector<std::pair<Cost, std::size_t>> order;
  for (std::size_t i = 0; i < boxes_.size(); ++i)
    if (why_not(order_, units, boxes_[i]).empty())
      order.emplace_back(request_.objective.price(boxes_[i], weight), i);
  std::sort(order.begin(), order.end());
  Cheapest out;
  std::vector<std::size_t> open;  // cheaper boxes that are not ruled out
  for (const auto& [cost, box] : order) {
    auto package = all_into(box, units, Search::quick);
    if (!package) {
      if (!ruled_out(order_, units, boxes_[box])) open.push_back(box);
      continue;
    }
    out.package = std::move(*package);
    out.proven = true;
    // Cheaper ones are searched more widely before this one is taken.
    for (const std::size_t cheaper : open) {
      if (auto better = request_.effort > 1 ? all_into(cheaper, units, Search::wide) : std::nullopt) {
        out.package = std::move(*better);
        return out;
      }
      out.proven = false;
    }
    return out;
  }
  if (request_.effort > 1)
    for (const std::size_t box : open)
      if (auto package = all_into(box, units, Search::wide)) {
        out.package = std::move(*package);
        out.proven = box == open.front();
        return out;
      }
  return std::nullopt;
}

Filled Packer::most_into(std::size_t box, const Counts& units) {
  const ScaledCargo cargo = scaled(order_, units, boxes_[box], request_.support);
  const Stowage stowage = fill(cargo.cargo, effort(std::min(request_.effort, kFillTries), true));
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
