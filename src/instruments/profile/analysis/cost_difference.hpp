// One cost on two sides: how large the difference is, and how likely it is by chance.
#pragma once

#include "core/stats/comparisons.hpp"

namespace signalbox::profile {

// A cost as a share of what its side measured: `scale` is the side's total in the unit that sides are
// compared in (nanoseconds per unit of work; 1 where shares themselves are compared).
struct SideCost {
  stats::SeenShare seen;
  double scale = 1;
  double cost() const { return scale * seen.share; }
};

// Whether the totals of both sides are the same by construction, or were measured like the rest.
enum class Totals { fixed, measured };

// Two-sided. Fixed totals: the pooled z test of two proportions. Measured ones: that of two counts, whose
// variance under "no difference" is the pooled cost times what one observation weighs.
double chance_of(const SideCost& base, const SideCost& fresh, Totals totals);

// 95 % interval of fresh less base, of sampling alone.
stats::Interval difference_of(const SideCost& base, const SideCost& fresh);

}  // namespace signalbox::profile
