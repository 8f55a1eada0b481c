#include "instruments/pack/choose/split.hpp"

#include <algorithm>
#include <numeric>

#include "instruments/pack/choose/bounds.hpp"

namespace signalbox::pack {
namespace {

class Splitter {
 public:
  Splitter(Packer& packer, const Order& order, std::span<const Box> boxes, const PlanRequest& request)
      : packer_(packer), order_(order), boxes_(boxes), request_(request) {}

  std::optional<Plan> run() {
    const Counts all = all_of(order_);
    const std::int64_t least = least_boxes(order_, all, boxes_);
    for (const double volume_counts : {0.5, 1.0, 0.0}) {
      keep(one_after_another(all, volume_counts));
      if (is_least(least)) break;
    }
    if (best_ && !is_least(least))
      for (std::int64_t boxes = least; boxes < static_cast<std::int64_t>(best_->packages.size()); ++boxes)
        if (keep(dealt_out(all, boxes))) break;
    if (best_) {
      best_->bound_boxes = least;
      best_->proof = Proof::bounded;
    }
    return std::move(best_);
  }

  std::optional<Plan> run_below(const Cost& than) {
    best_cost_ = than;
    Plan plan;
    peel(plan, Cost{}, all_of(order_), kMaxPeeled);
    if (best_) best_->proof = Proof::bounded;
    return std::move(best_);
  }

 private:
  // Every box in turn, filled as far as it goes, and the rest.
  void peel(Plan& plan, const Cost& so_far, const Counts& left, int depth) {
    for (std::size_t box = 0; box < boxes_.size(); ++box) {
      if (!in_stock(plan, box) || so_far + request_.objective.cheapest(boxes_[box]) >= best_cost_) continue;
      Filled filled = packer_.most_into(box, left);
      if (filled.package.placements.empty()) continue;
      Counts rest = left;
      for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= filled.counts[i];
      const Cost cost = so_far + request_.objective.price(boxes_[box], packer_.weight_of(filled.counts));
      if (cost >= best_cost_ || std::accumulate(rest.begin(), rest.end(), std::int64_t{0}) == 0) continue;
      plan.packages.push_back(std::move(filled.package));
      auto last = packer_.cheapest(rest);
      if (last && in_stock(plan, last->package.box)) {
        const Cost whole =
            cost + request_.objective.price(boxes_[last->package.box], packer_.weight_of(rest));
        if (whole < best_cost_) {
          best_cost_ = whole;
          best_ = plan;
          best_->packages.push_back(std::move(last->package));
        }
      }
      if (depth > 2) peel(plan, cost, rest, depth - 1);
      plan.packages.pop_back();
    }
  }

  bool is_least(std::int64_t least) const {
    return best_ && static_cast<std::int64_t>(best_->packages.size()) <= least;
  }

  bool keep(std::optional<Plan> plan) {
    if (!plan) return false;
    const Cost cost = cost_of(order_, boxes_, *plan, request_.objective);
    if (best_ && cost >= best_cost_) return false;
    best_ = std::move(plan);
    best_cost_ = cost;
    return true;
  }

  bool in_stock(const Plan& plan, std::size_t box) const {
    if (!boxes_[box].stock) return true;
    std::int64_t used = 0;
    for (const Package& package : plan.packages) used += package.box == box ? 1 : 0;
    return used < *boxes_[box].stock;
  }

  // The box that takes most of what is left, again and again; the last is the cheapest that takes the rest.
  std::optional<Plan> one_after_another(Counts left, double volume_counts) {
    Plan plan;
    while (std::accumulate(left.begin(), left.end(), std::int64_t{0}) > 0) {
      auto last = packer_.cheapest(left);
      if (last && in_stock(plan, last->package.box)) {
        plan.packages.push_back(std::move(last->package));
        return plan;
      }
      std::optional<Filled> most;
      double most_share = 0;
      for (std::size_t box = 0; box < boxes_.size(); ++box) {
        if (!in_stock(plan, box)) continue;
        Filled filled = packer_.most_into(box, left);
        const double share = volume_counts * filled.volume + (1 - volume_counts) * filled.weight;
        if (filled.package.placements.empty() || (most && share <= most_share)) continue;
        most = std::move(filled);
        most_share = share;
      }
      if (!most) return std::nullopt;
      for (std::size_t i = 0; i < left.size(); ++i) left[i] -= most->counts[i];
      shrink(plan, *most);
      plan.packages.push_back(std::move(most->package));
      if (static_cast<std::int64_t>(plan.packages.size()) > request_.max_packages) return std::nullopt;
    }
    return plan;
  }

  // The same units in a cheaper box, where there is one.
  void shrink(const Plan& plan, Filled& filled) {
    auto cheaper = packer_.cheapest(filled.counts);
    if (!cheaper || !in_stock(plan, cheaper->package.box)) return;
    const Mass weight = packer_.weight_of(filled.counts);
    if (request_.objective.price(boxes_[cheaper->package.box], weight) <
        request_.objective.price(boxes_[filled.package.box], weight))
      filled.package = std::move(cheaper->package);
  }

  // Units, the heaviest and largest first, each to the share that is least full; then each share to a box.
  std::optional<Plan> dealt_out(const Counts& all, std::int64_t boxes) {
    struct Unit {
      std::size_t line;
      double size;
    };
    double weight = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      weight += static_cast<double>(all[i]) * as_number(order_.items[i].weight, MassUnit::g);
    }
    double most_weight = 0;
    double most_volume = 0;
    for (const Box& box : boxes_) {
      most_volume = std::max(most_volume, litres(box.inner));
      most_weight = std::max(
          most_weight, box.max_weight ? as_number(*box.max_weight - box.tare, MassUnit::g) : weight * 10 + 1);
    }
    std::vector<Unit> units;
    for (std::size_t i = 0; i < all.size(); ++i)
      for (std::int64_t k = 0; k < all[i]; ++k)
        units.push_back({i, std::max(litres(order_.items[i].size) / most_volume,
                                     as_number(order_.items[i].weight, MassUnit::g) / most_weight)});
    std::stable_sort(units.begin(), units.end(),
                     [](const Unit& a, const Unit& b) { return a.size > b.size; });
    std::vector<Counts> shares(static_cast<std::size_t>(boxes), Counts(all.size(), 0));
    std::vector<std::pair<double, double>> full(shares.size());
    for (const Unit& unit : units) {
      std::size_t least = 0;
      for (std::size_t i = 1; i < shares.size(); ++i)
        if (std::max(full[i].first, full[i].second) < std::max(full[least].first, full[least].second))
          least = i;
      ++shares[least][unit.line];
      full[least].first += litres(order_.items[unit.line].size) / most_volume;
      full[least].second += as_number(order_.items[unit.line].weight, MassUnit::g) / most_weight;
    }
    Plan plan;
    for (const Counts& share : shares) {
      if (std::accumulate(share.begin(), share.end(), std::int64_t{0}) == 0) continue;
      auto box = packer_.cheapest(share);
      if (!box || !in_stock(plan, box->package.box)) return std::nullopt;
      plan.packages.push_back(std::move(box->package));
    }
    return plan;
  }

  Packer& packer_;
  const Order& order_;
  std::span<const Box> boxes_;
  const PlanRequest& request_;
  std::optional<Plan> best_;
  Cost best_cost_;
};

}  // namespace

std::optional<Plan> split_order(Packer& packer, const Order& order, std::span<const Box> boxes,
                                const PlanRequest& request) {
  return Splitter(packer, order, boxes, request).run();
}

std::optional<Plan> cheaper_split(Packer& packer, const Order& order, std::span<const Box> boxes,
                                  const PlanRequest& request, const Cost& than) {
  return Splitter(packer, order, boxes, request).run_below(than);
}

}  // namespace signalbox::pack
