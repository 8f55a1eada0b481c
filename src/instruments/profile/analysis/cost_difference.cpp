#include "instruments/profile/analysis/cost_difference.hpp"

#include <algorithm>
#include <cmath>

#include "core/stats/beta.hpp"
#include "instruments/profile/analysis/function_costs.hpp"

namespace signalbox::profile {
namespace {

bool is_seen(const SideCost& side) {
  return side.seen.n > 0 && side.scale > 0;
}

}  // namespace

double chance_of(const SideCost& base, const SideCost& fresh, Totals totals) {
  if (!is_seen(base) || !is_seen(fresh)) return 1;
  if (totals == Totals::fixed) return stats::two_proportions(fresh.seen, base.seen);
  // What one observation weighs on each side; the pooled cost counts each side by what it observed.
  const double base_weight = base.scale / base.seen.n;
  const double fresh_weight = fresh.scale / fresh.seen.n;
  const double pooled =
      (base.cost() / base_weight + fresh.cost() / fresh_weight) / (1 / base_weight + 1 / fresh_weight);
  const double variance = pooled * (base_weight + fresh_weight);
  if (variance <= 0) return 1;
  return 2 * stats::normal_below(-std::abs(fresh.cost() - base.cost()) / std::sqrt(variance));
}

stats::Interval difference_of(const SideCost& base, const SideCost& fresh) {
  stats::SeenShare of_base = base.seen;
  stats::SeenShare of_fresh = fresh.seen;
  of_base.n = std::max(1.0, of_base.n);
  of_fresh.n = std::max(1.0, of_fresh.n);
  return stats::difference_of_shares(of_fresh, of_base, kConfidence, fresh.scale, base.scale);
}

}  // namespace signalbox::profile
