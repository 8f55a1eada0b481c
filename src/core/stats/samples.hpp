// Two samples beside each other, by ranks; and quantiles of one. All values are finite, no sample is empty.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "core/stats/intervals.hpp"

namespace signalbox::stats {

double mean(std::span<const double> values);

// Linear between order statistics: type 7 of Hyndman and Fan (1996), the default of R and NumPy.
// `probability` in [0, 1].
double quantile(std::vector<double> values, double probability);

// The Mann-Whitney test of x against y: two-sided, normal approximation with correction for ties and for
// continuity, as R's wilcox.test(x, y, exact = FALSE).
struct MannWhitney {
  double u = 0;        // pairs in which x is larger, ties counted as half
  double z = 0;        // 0 where all values are the same
  double p_value = 1;  // two-sided
};
MannWhitney mann_whitney(std::span<const double> x, std::span<const double> y);

// How far x lies above y: the median of all differences, which is Hodges and Lehmann's (1963) estimate, and
// the interval of shifts that the test above does not reject. R's wilcox.test(x, y, exact = FALSE, conf.int =
// TRUE) searches the same roots to 1e-4; here they are exact. The interval ends at the smallest and largest
// difference where the samples are too small for the confidence.
struct Shift {
  double estimate = 0;
  Interval interval;
};
Shift shift_between(std::span<const double> x, std::span<const double> y, double confidence);

// Common language effect size (McGraw and Wong 1992, Vargha and Delaney 2000): the chance that a value of x
// is above one of y, ties counted as half.
double common_language_effect(std::span<const double> x, std::span<const double> y);

}  // namespace signalbox::stats
