#include "instruments/pack/check/checker.hpp"

#include <algorithm>
#include <map>
#include <numeric>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/pack/check/footing.hpp"

namespace signalbox::pack {
namespace {

using Kind = Violation::Kind;

// How far two stretches of one axis lie in one another; negative: apart.
Length common(const Placement& a, const Placement& b, std::size_t axis) {
  return std::min(a.at[axis] + a.size[axis], b.at[axis] + b.size[axis]) - std::max(a.at[axis], b.at[axis]);
}

class Checker {
 public:
  Checker(const Order& order, std::span<const Box> boxes, const Plan& plan, Support support)
      : order_(order), boxes_(boxes), plan_(plan), support_(support) {}

  std::vector<Violation> run() {
    count_units();
    count_boxes();
    for (package_ = 0; package_ < plan_.packages.size(); ++package_) {
      const Package& package = plan_.packages[package_];
      if (package.box >= boxes_.size()) {
        report(Kind::box, 0, "there is no such box");
        continue;
      }
      if (!each_alone(package)) continue;
      weigh(package);
      sweep(package);
      rest(package);
      who_ships(package);
      unload(package);
      balance(package);
    }
    return std::move(found_);
  }

 private:
  void report(Kind kind, std::size_t placement, std::string message) {
    if (found_.size() < kMaxViolations)
      found_.push_back({kind, package_, placement, fmt::format("package {}: {}", package_ + 1, message)});
  }
  std::string name(const Placement& placement) const {
    return "'" + printable(order_.items[placement.item].sku) + "'";
  }
  static std::string mm(Length length) { return to_text(length, LengthUnit::mm); }

  void count_units() {
    std::vector<std::int64_t> seen(order_.items.size(), 0);
    for (const Package& package : plan_.packages)
      for (const Placement& placement : package.placements)
        if (placement.item < seen.size()) ++seen[placement.item];
    for (std::size_t i = 0; i < seen.size(); ++i) {
      const Item& item = order_.items[i];
      if (seen[i] == item.quantity) continue;
      const bool few = seen[i] < item.quantity;
      if (found_.size() < kMaxViolations)
        found_.push_back({few ? Kind::missing : Kind::surplus, 0, 0,
                          fmt::format("of '{}' {} are packed, {} are ordered", printable(item.sku), seen[i],
                                      item.quantity)});
    }
  }

  void count_boxes() {
    std::map<std::size_t, std::int64_t> used;
    for (const Package& package : plan_.packages) ++used[package.box];
    for (const auto& [box, count] : used)
      if (box < boxes_.size() && boxes_[box].stock && count > *boxes_[box].stock)
        found_.push_back({Kind::box, 0, 0,
                          fmt::format("of the box '{}' {} are used, there are {}", printable(boxes_[box].sku),
                                      count, *boxes_[box].stock)});
  }

  // What can be said of each thing without the others. False: places mean nothing, so nothing else is asked.
  bool each_alone(const Package& package) {
    const Size& inner = boxes_[package.box].inner;
    std::map<std::size_t, std::int64_t> counts;
    bool sound = true;
    for (std::size_t i = 0; i < package.placements.size(); ++i) {
      const Placement& placement = package.placements[i];
      if (placement.item >= order_.items.size()) {
        report(Kind::surplus, i, "a unit of no line of the order");
        sound = false;
        continue;
      }
      const Item& item = order_.items[placement.item];
      ++counts[placement.item];
      sound = turn_is_right(placement, item, i) && sound;
      for (std::size_t axis = 0; axis < 3; ++axis)
        if (placement.at[axis] < 0 || placement.at[axis] > inner[axis] - placement.size[axis]) {
          report(Kind::outside, i,
                 fmt::format("{} stands from {} to {} mm along the {}, where there are {} mm",
                             name(placement), mm(std::max<Length>(placement.at[axis], 0)),
                             mm(placement.at[axis] + placement.size[axis]),
                             axis == 0   ? "length"
                             : axis == 1 ? "width"
                                         : "height",
                             mm(inner[axis])));
        }
      if (item.bottom_only && placement.at[2] != 0)
        report(Kind::bottom, i,
               fmt::format("{} stands {} mm above the floor", name(placement), mm(placement.at[2])));
    }
    for (const auto& [item, count] : counts)
      if (order_.items[item].max_per_box && count > *order_.items[item].max_per_box)
        report(Kind::count, 0,
               fmt::format("{} of '{}', where {} may be in one box", count, printable(order_.items[item].sku),
                           *order_.items[item].max_per_box));
    return sound;
  }

  bool turn_is_right(const Placement& placement, const Item& item, std::size_t i) {
    if (placement.turn < 0 || placement.turn >= 6) {
      report(Kind::turn, i, fmt::format("{} stands in no way that there is", name(placement)));
      return false;
    }
    for (std::size_t axis = 0; axis < 3; ++axis)
      if (placement.size[axis] !=
          item.size[static_cast<std::size_t>(kTurns[static_cast<std::size_t>(placement.turn)][axis])]) {
        report(Kind::turn, i, fmt::format("{} has another size than it is given here", name(placement)));
        return false;
      }
    if (allowed(placement, item)) return true;
    report(Kind::turn, i, fmt::format("{} may not be turned so", name(placement)));
    return true;
  }

  // A turn counts as allowed too where one that is allowed looks the same: a cube has one.
  static bool allowed(const Placement& placement, const Item& item) {
    for (std::size_t turn = 0; turn < 6; ++turn) {
      if (!((item.turns >> turn) & 1)) continue;
      bool same = true;
      for (std::size_t axis = 0; axis < 3; ++axis)
        same = same && placement.size[axis] == item.size[static_cast<std::size_t>(kTurns[turn][axis])];
      if (same) return true;
    }
    return false;
  }

  void weigh(const Package& package) {
    const Box& box = boxes_[package.box];
    if (!box.max_weight) return;
    ExactVolume weight = box.tare;
    for (const Placement& placement : package.placements) weight += order_.items[placement.item].weight;
    if (weight > *box.max_weight)
      report(Kind::weight, 0,
             fmt::format("weighs {} g, '{}' may weigh {} g", to_text(static_cast<Mass>(weight), MassUnit::g),
                         printable(box.sku), to_text(*box.max_weight, MassUnit::g)));
  }

  void who_ships(const Package& package) {
    const Box& box = boxes_[package.box];
    for (std::size_t i = 0; i < package.placements.size(); ++i) {
      const Placement& placement = package.placements[i];
      const Item& item = order_.items[placement.item];
      if (item.returnable_only && !box.returnable)
        report(Kind::packaging, i,
               fmt::format("{} goes into returnable boxes alone, '{}' is none", name(placement),
                           printable(box.sku)));
      if (!box.source.empty() && box.source != item.source)
        report(Kind::source, i,
               fmt::format("{} is not where the box '{}' is", name(placement), printable(box.sku)));
      const Item& first = order_.items[package.placements[0].item];
      if (item.source != first.source)
        report(Kind::source, i,
               fmt::format("{} and {} are not shipped by the same", name(package.placements[0]),
                           name(placement)));
    }
  }

  // At each stop all that is for it goes out through the rear: nothing for a later one is in its way.
  void unload(const Package& package) {
    const auto stop = [&](const Placement& placement) { return order_.items[placement.item].stop; };
    for (std::size_t i = 0; i < package.placements.size(); ++i) {
      const Placement& first = package.placements[i];
      if (stop(first) == 0) continue;
      for (const Placement& later : package.placements) {
        if (stop(later) <= stop(first)) continue;
        const bool behind = later.at[0] >= first.at[0] + first.size[0] && common(first, later, 1) > 0 &&
                            common(first, later, 2) > 0;
        const bool above = later.at[2] >= first.at[2] + first.size[2] && common(first, later, 0) > 0 &&
                           common(first, later, 1) > 0;
        if (!behind && !above) continue;
        report(Kind::blocked, i,
               fmt::format("{} for stop {} is {} {} for stop {}", name(later), stop(later),
                           above ? "above" : "between the rear and", name(first), stop(first)));
        break;
      }
    }
  }

  // The moments about the kingpin: what each thing weighs, at its middle.
  void balance(const Package& package) {
    const auto& axles = boxes_[package.box].axles;
    if (!axles || axles->rear == axles->kingpin) return;
    long double weight = 0;
    long double moment = 0;
    for (const Placement& placement : package.placements) {
      const long double own = static_cast<long double>(order_.items[placement.item].weight);
      weight += own;
      moment += own * (static_cast<long double>(2 * placement.at[0] + placement.size[0]) / 2 -
                       static_cast<long double>(axles->kingpin));
    }
    const long double rear = moment / static_cast<long double>(axles->rear - axles->kingpin);
    const auto judge = [&](const char* where, long double load, const std::optional<Mass>& most) {
      if (most && load > static_cast<long double>(*most) + 1)
        report(Kind::axle, 0,
               fmt::format("{:.1f} kg of the load rest on {}, {:.1f} kg may",
                           static_cast<double>(load / kGram / 1000), where, as_number(*most, MassUnit::kg)));
    };
    judge("the kingpin", weight - rear, axles->max_kingpin);
    judge("the rear axles", rear, axles->max_rear);
  }

  // Overlaps: things in the order of where they begin along the length; those that have not ended are open.
  void sweep(const Package& package) {
    const auto& all = package.placements;
    std::vector<std::size_t> order(all.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return all[a].at[0] < all[b].at[0]; });
    std::vector<std::size_t> open;
    for (const std::size_t i : order) {
      std::erase_if(open, [&](std::size_t j) { return all[j].at[0] + all[j].size[0] <= all[i].at[0]; });
      for (const std::size_t j : open) {
        const Length y = common(all[i], all[j], 1);
        const Length z = common(all[i], all[j], 2);
        if (y > 0 && z > 0)
          report(Kind::overlap, i,
                 fmt::format("{} and {} overlap by {} x {} x {} mm", name(all[i]), name(all[j]),
                             mm(common(all[i], all[j], 0)), mm(y), mm(z)));
      }
      open.push_back(i);
    }
  }

  // Support, loads and the way in from above.
  void rest(const Package& package) {
    const auto& all = package.placements;
    std::vector<long double> load(all.size(), 0);
    std::vector<std::size_t> falling(all.size());
    std::iota(falling.begin(), falling.end(), std::size_t{0});
    std::stable_sort(falling.begin(), falling.end(),
                     [&](std::size_t a, std::size_t b) { return all[a].at[2] > all[b].at[2]; });
    for (const std::size_t i : falling) {
      ExactVolume earlier = 0;
      std::vector<const Placement*> held_by;  // what was there before
      ExactVolume area = 0;
      std::vector<std::pair<std::size_t, ExactVolume>> below;
      for (std::size_t j = 0; j < all.size(); ++j) {
        if (j == i || common(all[i], all[j], 0) <= 0 || common(all[i], all[j], 1) <= 0) continue;
        if (j < i && all[j].at[2] >= all[i].at[2] + all[i].size[2])
          report(Kind::unreachable, i,
                 fmt::format("{} is put in below {}, which is there before", name(all[i]), name(all[j])));
        if (all[j].at[2] + all[j].size[2] != all[i].at[2]) continue;
        const ExactVolume contact =
            static_cast<ExactVolume>(common(all[i], all[j], 0)) * common(all[i], all[j], 1);
        area += contact;
        if (j < i) {
          earlier += contact;
          held_by.push_back(&all[j]);
        }
        below.emplace_back(j, contact);
      }
      if (all[i].at[2] > 0) judge_support(all[i], i, earlier, held_by);
      for (const auto& [j, contact] : below)
        load[j] += (load[i] + static_cast<long double>(order_.items[all[i].item].weight)) *
                   static_cast<long double>(contact) / static_cast<long double>(area);
      judge_load(all[i], i, load[i], all);
    }
    judge_balance(package);
  }

  void judge_balance(const Package& package) {
    if (support_.rule != Support::Rule::balance) return;
    const Balance balance = balance_of(order_, package.placements);
    if (balance == Balance::tips)
      report(Kind::support, 0, "something tips: no forces between the things hold all of them");
    if (balance == Balance::too_many)
      report(Kind::support, 0,
             fmt::format("more than {} things stand above the floor: whether they tip is not judged",
                         kMostBalanced));
  }

  void judge_support(const Placement& placement, std::size_t i, ExactVolume area,
                     const std::vector<const Placement*>& below) {
    if (support_.rule == Support::Rule::corners && !rests_on_corners(placement, below))
      report(Kind::support, i, fmt::format("{} has a corner that rests on nothing", name(placement)));
    if (support_.rule == Support::Rule::balance && !middle_is_held(placement, below))
      report(Kind::support, i,
             fmt::format("{} tips: its middle is not between what it rests on", name(placement)));
    if (support_.rule != Support::Rule::area) return;
    const ExactVolume base = static_cast<ExactVolume>(placement.size[0]) * placement.size[1];
    if (area * 100 < base * support_.percent)
      report(Kind::support, i,
             fmt::format("{} rests on {:.1f} % of its underside, {} % are asked for", name(placement),
                         100.0 * static_cast<double>(area) / static_cast<double>(base), support_.percent));
  }

  void judge_load(const Placement& placement, std::size_t i, long double load,
                  const std::vector<Placement>& all) {
    const Item& item = order_.items[placement.item];
    if (item.no_stack) {
      for (const Placement& other : all)
        if (other.at[2] == placement.at[2] + placement.size[2] && common(placement, other, 0) > 0 &&
            common(placement, other, 1) > 0)
          report(Kind::load, i,
                 fmt::format("{} lies on {}, on which nothing may", name(other), name(placement)));
      return;
    }
    // Shares are fractions: a nanogram is not worth a word.
    if (item.max_load && load > static_cast<long double>(*item.max_load) + 1)
      report(Kind::load, i,
             fmt::format("{:.3f} g lie on {}, {} g may", static_cast<double>(load / kGram), name(placement),
                         to_text(*item.max_load, MassUnit::g)));
  }

  const Order& order_;
  std::span<const Box> boxes_;
  const Plan& plan_;
  Support support_;
  std::size_t package_ = 0;
  std::vector<Violation> found_;
};

}  // namespace

std::string_view name_of(Violation::Kind kind) {
  switch (kind) {
    case Kind::missing:
      return "missing";
    case Kind::surplus:
      return "surplus";
    case Kind::box:
      return "box";
    case Kind::outside:
      return "outside";
    case Kind::turn:
      return "turn";
    case Kind::overlap:
      return "overlap";
    case Kind::support:
      return "support";
    case Kind::weight:
      return "weight";
    case Kind::load:
      return "load";
    case Kind::bottom:
      return "bottom";
    case Kind::count:
      return "count";
    case Kind::unreachable:
      return "unreachable";
    case Kind::packaging:
      return "packaging";
    case Kind::source:
      return "source";
    case Kind::blocked:
      return "blocked";
    case Kind::axle:
      return "axle";
  }
  return "missing";
}

std::vector<Violation> check_plan(const Order& order, std::span<const Box> boxes, const Plan& plan,
                                  Support support) {
  return Checker(order, boxes, plan, support).run();
}

}  // namespace signalbox::pack
