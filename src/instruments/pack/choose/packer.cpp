#include "instruments/pack/choose/packer.hpp"

#include <algorithm>
#include <utility>

#include "instruments/pack/check/checker.hpp"

namespace signalbox::pack {
namespace {

constexpr std::size_t kFastBlocks = 300;      // of a first, greedy packing
constexpr std::size_t kThoroughBlocks = 120;  // of a beam

constexpr std::uint64_t kFillTries = 24;  // where as much as goes in is wanted

// Choices after which an exact answer is given up.
constexpr std::uint64_t kExactNodes = 400;
constexpr std::uint64_t kExhaustiveNodes = 200'000;

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
  of_.reserve(order.items.size());
  for (const Item& item : order.items) {
    std::vector<ItemInBox>& line = of_.emplace_back();
    line.reserve(boxes.size());
    for (const Box& box : boxes) line.push_back(item_in_box(item, box));
  }
}

void Packer::deepen(std::optional<std::chrono::steady_clock::time_point> until) {
  effort_ = request_.effort;
  until_ = until;
  fills_.clear();
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

Cost Packer::price_of(std::size_t box, const Counts& units) const {
  return request_.objective.price(boxes_[box], weight_of(units));
}

bool Packer::is_out_of_time() const {
  return until_ && std::chrono::steady_clock::now() >= *until_;
}

bool Packer::holds(std::size_t box, const Counts& units) {
  Attempt& attempt = attempts_[{box, units}];
  if (!attempt.ruled_out) attempt.ruled_out = ruled_out(order_, units, boxes_[box]);
  return !*attempt.ruled_out && quick(box, units, attempt).has_value();
}

bool Packer::may_hold(std::size_t box, const Counts& units) const {
  ExactVolume volume = 0;
  ExactVolume weight = boxes_[box].tare;
  std::int64_t large = 0;
  const std::string* source = nullptr;
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (units[i] == 0) continue;
    const Item& item = order_.items[i];
    if (source && *source != item.source) return false;
    source = &item.source;
    if (!of_[i][box].goes_in || (item.max_per_box && units[i] > *item.max_per_box)) return false;
    volume += volume_of(item.size) * units[i];
    weight += static_cast<ExactVolume>(item.weight) * units[i];
    if (of_[i][box].over_half) large += units[i];
  }
  return volume <= volume_of(boxes_[box].inner) && large <= 1 &&
         (!boxes_[box].max_weight || weight <= *boxes_[box].max_weight);
}

const std::optional<Package>& Packer::quick(std::size_t box, const Counts& units, Attempt& attempt) {
  if (attempt.package || std::exchange(attempt.tried_quickly, true)) return attempt.package;
  const ScaledCargo cargo = scaled(order_, units, boxes_[box], request_.support, Wanted::all);
  const auto goes_in = [&](const Cargo& with, const Effort& effort) {
    const Stowage stowage = fill(with, effort);
    if (stowage.everything) attempt.package = Package{box, placements_of(order_, cargo, stowage)};
    return stowage.everything;
  };
  Effort once = effort(1, false);
  once.until.reset();
  Effort wide_first = once;
  wide_first.blocks.prefer = BlockLimits::Prefer::base;
  // Lying first: it is how people pack. Less freedom also finds some that more does not.
  Cargo lying = cargo.cargo;
  if (keep_turns(lying, Vertical::shortest) && goes_in(lying, once)) return attempt.package;
  if (goes_in(lying, wide_first) || goes_in(cargo.cargo, once)) return attempt.package;
  Cargo upright = cargo.cargo;
  if (keep_turns(upright, Vertical::longest)) goes_in(upright, once);
  return attempt.package;
}

const std::optional<Package>& Packer::wide(std::size_t box, const Counts& units, Attempt& attempt) {
  if (attempt.package || effort_ <= 1 || std::exchange(attempt.tried_widely, true)) return attempt.package;
  const ScaledCargo cargo = scaled(order_, units, boxes_[box], request_.support, Wanted::all);
  Effort far = effort(effort_, true);
  far.everything = true;
  const Stowage stowage = fill(cargo.cargo, far);
  if (stowage.everything) attempt.package = Package{box, placements_of(order_, cargo, stowage)};
  return attempt.package;
}

// What goes in without support may not stay where it is: the judge of plans says.
Fits Packer::exactly(std::size_t box, const Counts& units, Attempt& attempt) const {
  const std::uint64_t nodes = is_exhaustive() ? kExhaustiveNodes : kExactNodes;
  if (attempt.exact_nodes >= nodes) return Fits::unknown;
  attempt.exact_nodes = nodes;
  const ScaledCargo cargo = scaled(order_, units, boxes_[box], request_.support, Wanted::all);
  const ExactAnswer answer = fits_exactly(cargo.cargo, nodes, until_);
  if (answer.fits == Fits::no) attempt.ruled_out = true;
  if (answer.fits != Fits::yes) return answer.fits;
  Stowage stowage;
  stowage.pieces = answer.pieces;
  Plan plan;
  plan.packages.push_back({box, placements_of(order_, cargo, stowage)});
  Order part = order_;
  for (std::size_t i = 0; i < units.size(); ++i) part.items[i].quantity = units[i];
  if (!check_plan(part, boxes_, plan, request_.support).empty()) return Fits::unknown;
  attempt.package = std::move(plan.packages[0]);
  return Fits::yes;
}

Fits Packer::settle(std::size_t box, const Counts& units) {
  Attempt& attempt = attempts_[{box, units}];
  if (attempt.package) return Fits::yes;
  if (!attempt.ruled_out) attempt.ruled_out = ruled_out(order_, units, boxes_[box]);
  if (*attempt.ruled_out) return Fits::no;
  if (quick(box, units, attempt)) return Fits::yes;
  const Fits fits = exactly(box, units, attempt);
  if (fits != Fits::unknown) return fits;
  return wide(box, units, attempt) ? Fits::yes : Fits::unknown;
}

const Package& Packer::packed(std::size_t box, const Counts& units) const {
  return *attempts_.at({box, units}).package;
}

std::optional<Cheapest> Packer::cheapest(const Counts& units, const Cost& below) {
  const Mass weight = weight_of(units);
  std::vector<std::pair<Cost, std::size_t>> order;
  for (std::size_t i = 0; i < boxes_.size(); ++i) {
    if (!may_hold(i, units)) continue;
    const Cost cost = request_.objective.price(boxes_[i], weight);
    if (cost < below) order.emplace_back(cost, i);
  }
  std::sort(order.begin(), order.end());
  struct Choice {
    Cost cost;
    std::size_t box;
    Attempt* attempt;
  };
  std::optional<Choice> first;
  std::vector<Choice> open;  // cheaper boxes that are not ruled out
  for (const auto& [cost, box] : order) {
    Attempt& attempt = attempts_[{box, units}];
    if (quick(box, units, attempt)) {
      first = Choice{cost, box, &attempt};
      break;
    }
    if (!attempt.ruled_out) attempt.ruled_out = ruled_out(order_, units, boxes_[box]);
    if (!*attempt.ruled_out) open.push_back({cost, box, &attempt});
  }
  // Cheaper ones are searched more widely before the first that was found is taken.
  for (const Choice& each : open)
    if (wide(each.box, units, *each.attempt))
      return Cheapest{*each.attempt->package, each.cost, &each == &open.front()};
  if (!first) return std::nullopt;
  return Cheapest{*first->attempt->package, first->cost, open.empty()};
}

const Filled& Packer::most_into(std::size_t box, const Counts& units) {
  const auto [at, is_new] = fills_.try_emplace(Key{box, units});
  Filled& out = at->second;
  if (!is_new) return out;
  out.counts.assign(units.size(), 0);
  out.package.box = box;
  const ScaledCargo cargo = scaled(order_, units, boxes_[box], request_.support);
  const Stowage stowage =
      fill(cargo.cargo, effort(std::min<std::uint64_t>(effort_, kFillTries), effort_ > 1));
  if (is_out_of_time()) return out;
  out.package.placements = placements_of(order_, cargo, stowage);
  for (const Placement& placement : out.package.placements) ++out.counts[placement.item];
  return out;
}

}  // namespace signalbox::pack
