#include "core/stats/intervals.hpp"

#include <algorithm>
#include <cmath>

#include "core/stats/beta.hpp"

namespace signalbox::stats {
namespace {

// The x at which Beta(a, b) has `log_chance` below it, to the last bit: the function is monotonic.
double beta_quantile(double log_chance, double a, double b) {
  double low = 0;
  double high = 1;
  for (;;) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return middle;
    (log_beta_below(middle, a, b) < log_chance ? low : high) = middle;
  }
}

}  // namespace

Interval wilson(double k, double n, double confidence) {
  const double z = normal_quantile(0.5 + confidence / 2);
  const double share = k / n;
  const double middle = share + z * z / (2 * n);
  const double half = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  // At both ends it is exactly 0 and 1, which the roots miss by rounding.
  return {k > 0 ? std::max(0.0, (middle - half) / scale) : 0,
          k < n ? std::min(1.0, (middle + half) / scale) : 1};
}

Interval clopper_pearson(double k, double n, double confidence) {
  const double tail = (1 - confidence) / 2;
  const double lower = k > 0 ? beta_quantile(std::log(tail), k, n - k + 1) : 0;
  const double upper = k < n ? beta_quantile(std::log1p(-tail), k + 1, n - k) : 1;
  return {lower, upper};
}

}  // namespace signalbox::stats
