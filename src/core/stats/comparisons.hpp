// Two means and two shares beside each other, and many such tests at once.
#pragma once

#include <span>
#include <vector>

#include "core/stats/intervals.hpp"

namespace signalbox::stats {

// Welch's (1947) test of two means with variances of their own, as R's t.test(x, y). Where neither sample
// varies, `standard_error` is 0 and the test says nothing: `freedom` is 0 and `p_value` 1.
struct Welch {
  double difference = 0;  // mean of x less mean of y
  double standard_error = 0;
  double freedom = 0;  // Welch and Satterthwaite's
  double t = 0;
  double p_value = 1;  // two-sided
};
// Each sample has at least two values.
Welch welch(std::span<const double> x, std::span<const double> y);
// Of the difference.
Interval interval_of(const Welch& test, double confidence);

// A share that was seen in `n` observations: their effective number where they are not independent.
struct SeenShare {
  double share = 0;
  double n = 0;
};

// The two-sided chance of such a difference where both shares are the same: the pooled z test, which is
// R's prop.test(…, correct = FALSE).
double two_proportions(const SeenShare& x, const SeenShare& y);

// x less y by Newcombe (1998), method 10: from Wilson's interval of each. `scale_x` times the one less
// `scale_y` times the other, where the shares are of totals that differ (MOVER, Zou and Donner 2008).
Interval difference_of_shares(const SeenShare& x, const SeenShare& y, double confidence, double scale_x = 1,
                              double scale_y = 1);

// P-values adjusted by Benjamini and Hochberg (1995), in the order of `p_values`, as R's p.adjust(p, "BH"):
// those at most q are the discoveries among which at most a part q is false.
std::vector<double> benjamini_hochberg(std::span<const double> p_values);

}  // namespace signalbox::stats
