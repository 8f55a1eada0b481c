#include "core/stats/student.hpp"

#include <cmath>

#include "core/stats/beta.hpp"

namespace signalbox::stats {

// I_x(ν/2, 1/2) at x = ν / (ν + t²) (DLMF 8.17, Abramowitz and Stegun 26.7.1); from whichever end of the unit
// interval x is not lost to rounding.
double student_two_sided(double t, double freedom) {
  const double square = t * t;
  return std::exp(square < freedom ? log_beta_above(square / (freedom + square), 0.5, freedom / 2)
                                   : log_beta_below(freedom / (freedom + square), freedom / 2, 0.5));
}

double student_below(double t, double freedom) {
  const double outside = student_two_sided(t, freedom) / 2;
  return t > 0 ? 1 - outside : outside;
}

double student_quantile(double probability, double freedom) {
  if (probability == 0.5) return 0;
  const double outside = 2 * std::fmin(probability, 1 - probability);
  double low = 0;
  double high = 1;
  while (student_two_sided(high, freedom) > outside && std::isfinite(high)) {
    low = high;
    high *= 2;
  }
  for (;;) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return probability < 0.5 ? -middle : middle;
    (student_two_sided(middle, freedom) > outside ? low : high) = middle;
  }
}

}  // namespace signalbox::stats
