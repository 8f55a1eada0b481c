#include "instruments/pack/choose/split.hpp"

#include <algorithm>
#include <utility>

#include "instruments/pack/choose/bounds.hpp"

namespace signalbox::pack {
namespace {

bool is_empty(const Counts& units) {
  return std::all_of(units.begin(), units.end(), [](std::int64_t count) { return count == 0; });
}

Counts without(Counts units, const Counts& taken) {
  for (std::size_t i = 0; i < units.size(); ++i) units[i] -= taken[i];
  return units;
}

class Splitter {
 public:
  Splitter(Packer& packer, const CostFloor& floor, const Order& order, std::span<const Box> boxes,
           const PlanRequest& request, const Cost& than)
      : packer_(packer), floor_(floor), order_(order), boxes_(boxes), request_(request), best_cost_(than) {}

  std::optional<Plan> run() {
    const Counts all = all_of(order_);
    least_ = least_boxes(order_, all, boxes_);
    one_kind_after_another(all, {});
    deal_out(all);
    peel(Cost{}, all, kMaxPeeled);
    return std::move(best_);
  }

 private:
  bool may_be_cheaper(const Cost& so_far, const Counts& left, std::int64_t packages) const {
    return so_far + floor_.of(left, packages) < best_cost_;
  }

  // Filling that box once more may lead to a cheaper plan: to one of two boxes more, or all that is left goes
  // in. All of it in one box of another kind was tried.
  bool may_go_on(std::size_t box, const Cost& so_far, const Counts& left) const {
    return may_be_cheaper(so_far, left, 2) ||
           (packer_.may_hold(box, left) && so_far + packer_.price_of(box, left) < best_cost_);
  }

  std::int64_t room_left() const {
    return request_.max_packages - static_cast<std::int64_t>(plan_.packages.size());
  }

  bool in_stock(std::size_t box) const {
    if (!boxes_[box].stock) return true;
    std::int64_t used = 0;
    for (const Package& package : plan_.packages) used += package.box == box ? 1 : 0;
    return used < *boxes_[box].stock;
  }

  void keep(const Cost& cost) {
    if (cost >= best_cost_) return;
    best_cost_ = cost;
    best_ = plan_;
  }

  // The plan so far with all that is left in one box more.
  void finish(const Cost& so_far, const Counts& left) {
    if (room_left() < 1 || !may_be_cheaper(so_far, left, 1)) return;
    auto last = packer_.cheapest(left, best_cost_less(so_far));
    if (!last || !in_stock(last->package.box)) return;
    plan_.packages.push_back(std::move(last->package));
    keep(so_far + last->cost);
    plan_.packages.pop_back();
  }

  // What one box more may cost, so that the plan is cheaper in the first part or no dearer there.
  Cost best_cost_less(const Cost& so_far) const {
    Cost out = best_cost_;
    for (std::size_t part = 0; part < out.parts.size(); ++part) out.parts[part] -= so_far.parts[part];
    return out;
  }

  // A filled box, or a cheaper one for the same units.
  std::pair<Package, Cost> box_for(const Filled& filled) {
    const Cost cost = packer_.price_of(filled.package.box, filled.counts);
    auto cheaper = packer_.cheapest(filled.counts, cost);
    if (cheaper && in_stock(cheaper->package.box)) return {std::move(cheaper->package), cheaper->cost};
    return {filled.package, cost};
  }

  // From every kind of box in turn: filled again and again until nothing more goes in.
  void one_kind_after_another(const Counts& left, const std::vector<std::size_t>& before,
                              const Cost& so_far = {}) {
    for (std::size_t box = 0; box < boxes_.size(); ++box) {
      if (std::find(before.begin(), before.end(), box) != before.end()) continue;
      const std::size_t packages = plan_.packages.size();
      Cost cost = so_far;
      Counts rest = left;
      bool takes_no_more = false;
      while (!is_empty(rest)) {
        if (room_left() < 1 || !may_go_on(box, cost, rest)) break;
        takes_no_more = !in_stock(box) || packer_.most_into(box, rest).package.placements.empty();
        if (takes_no_more) break;
        const Filled& filled = packer_.most_into(box, rest);
        rest = without(std::move(rest), filled.counts);
        auto [package, price] = box_for(filled);
        plan_.packages.push_back(std::move(package));
        cost += price;
        if (is_empty(rest)) {
          keep(cost);
        } else {
          finish(cost, rest);
        }
      }
      // Only then: where the rest of this sequence cannot be cheaper depends on the other boxes.
      if (takes_no_more && rest != left && before.size() + 1 < kMaxKinds && !packer_.is_out_of_time() &&
          may_be_cheaper(cost, rest, 1)) {
        std::vector<std::size_t> with = before;
        with.push_back(box);
        one_kind_after_another(rest, with, cost);
      }
      plan_.packages.resize(packages);
    }
  }

  void deal_out(const Counts& all) {
    const std::vector<Unit> units = units_of(all);
    const std::int64_t most =
        std::min({kMaxDealt, request_.max_packages, static_cast<std::int64_t>(units.size())});
    for (std::int64_t boxes = std::max<std::int64_t>(2, least_);
         boxes <= most && may_be_cheaper(Cost{}, all, boxes) && !packer_.is_out_of_time(); ++boxes)
      deal_out(units, all, boxes);
  }

  struct Unit {
    std::size_t line;
    double volume;  // share of the order's
    double weight;
    double size() const { return std::max(volume, weight); }
  };

  // The largest and heaviest first.
  std::vector<Unit> units_of(const Counts& all) const {
    double volume = 0;
    double weight = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      volume += static_cast<double>(all[i]) * litres(order_.items[i].size);
      weight += static_cast<double>(all[i]) * as_number(order_.items[i].weight, MassUnit::g);
    }
    std::vector<Unit> out;
    for (std::size_t i = 0; i < all.size(); ++i)
      for (std::int64_t k = 0; k < all[i] && out.size() < kMaxUnitsDealt; ++k)
        out.push_back({i, litres(order_.items[i].size) / volume,
                       weight > 0 ? as_number(order_.items[i].weight, MassUnit::g) / weight : 0});
    if (out.size() == kMaxUnitsDealt) out.clear();
    std::stable_sort(out.begin(), out.end(),
                     [](const Unit& a, const Unit& b) { return a.size() > b.size(); });
    return out;
  }

  // Each unit to the share that is least full; then each share to a box.
  void deal_out(const std::vector<Unit>& units, const Counts& all, std::int64_t boxes) {
    std::vector<Counts> shares(static_cast<std::size_t>(boxes), Counts(all.size(), 0));
    std::vector<std::pair<double, double>> full(shares.size());
    const auto fullness = [&](std::size_t i) { return std::max(full[i].first, full[i].second); };
    for (const Unit& unit : units) {
      std::size_t least = 0;
      for (std::size_t i = 1; i < shares.size(); ++i)
        if (fullness(i) < fullness(least)) least = i;
      ++shares[least][unit.line];
      full[least].first += unit.volume;
      full[least].second += unit.weight;
    }
    Cost cost;
    Counts left = all;
    for (std::size_t i = 0; i < shares.size(); ++i) {
      left = without(std::move(left), shares[i]);
      const std::int64_t more = boxes - static_cast<std::int64_t>(i) - 1;
      auto box = packer_.cheapest(shares[i], best_cost_less(more > 0 ? cost + floor_.of(left, more) : cost));
      if (!box || !in_stock(box->package.box)) break;
      cost += box->cost;
      plan_.packages.push_back(std::move(box->package));
      if (i + 1 == shares.size()) keep(cost);
    }
    plan_.packages.clear();
  }

  // Every box in turn, filled as far as it goes, and the rest.
  void peel(const Cost& so_far, const Counts& left, int depth) {
    if (depth < 2 || room_left() < 2 || packer_.is_out_of_time() || !may_be_cheaper(so_far, left, 2)) return;
    for (std::size_t box = 0; box < boxes_.size(); ++box) {
      if (!in_stock(box) || so_far + request_.objective.cheapest(boxes_[box]) + floor_.of_one() >= best_cost_)
        continue;
      const Filled& filled = packer_.most_into(box, left);
      const Counts rest = without(left, filled.counts);
      if (filled.package.placements.empty() || is_empty(rest)) continue;
      const Cost cost = so_far + packer_.price_of(box, filled.counts);
      if (!may_be_cheaper(cost, rest, 1)) continue;
      plan_.packages.push_back(filled.package);
      finish(cost, rest);
      peel(cost, rest, depth - 1);
      plan_.packages.pop_back();
    }
  }

  static constexpr std::size_t kMaxUnitsDealt = 10'000;

  Packer& packer_;
  const CostFloor& floor_;
  const Order& order_;
  std::span<const Box> boxes_;
  const PlanRequest& request_;
  std::int64_t least_ = 1;
  Plan plan_;  // as far as it is made
  std::optional<Plan> best_;
  Cost best_cost_;
};

}  // namespace

std::optional<Plan> cheaper_split(Packer& packer, const CostFloor& floor, const Order& order,
                                  std::span<const Box> boxes, const PlanRequest& request, const Cost& than) {
  return Splitter(packer, floor, order, boxes, request, than).run();
}

}  // namespace signalbox::pack
