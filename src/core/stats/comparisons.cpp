#include "core/stats/comparisons.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "core/stats/beta.hpp"
#include "core/stats/samples.hpp"
#include "core/stats/student.hpp"

namespace signalbox::stats {
namespace {

// Variance of the mean of a sample.
double variance_of_mean(std::span<const double> values) {
  const double middle = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - middle) * (value - middle);
  const double n = static_cast<double>(values.size());
  return squares / (n - 1) / n;
}

double square(double value) {
  return value * value;
}

}  // namespace

Welch welch(std::span<const double> x, std::span<const double> y) {
  Welch out;
  out.difference = mean(x) - mean(y);
  const double of_x = variance_of_mean(x);
  const double of_y = variance_of_mean(y);
  const double both = of_x + of_y;
  if (both == 0) return out;
  out.standard_error = std::sqrt(both);
  out.freedom = square(both) / (square(of_x) / static_cast<double>(x.size() - 1) +
                                square(of_y) / static_cast<double>(y.size() - 1));
  out.t = out.difference / out.standard_error;
  out.p_value = student_two_sided(out.t, out.freedom);
  return out;
}

Interval interval_of(const Welch& test, double confidence) {
  if (test.standard_error == 0) return {test.difference, test.difference};
  const double half = student_quantile(0.5 + confidence / 2, test.freedom) * test.standard_error;
  return {test.difference - half, test.difference + half};
}

double two_proportions(const SeenShare& x, const SeenShare& y) {
  const double pooled = (x.share * x.n + y.share * y.n) / (x.n + y.n);
  const double variance = pooled * (1 - pooled) * (1 / x.n + 1 / y.n);
  if (variance <= 0) return 1;
  return 2 * normal_below(-std::abs(x.share - y.share) / std::sqrt(variance));
}

Interval difference_of_shares(const SeenShare& x, const SeenShare& y, double confidence, double scale_x,
                              double scale_y) {
  const Interval of_x = wilson(x.share * x.n, x.n, confidence);
  const Interval of_y = wilson(y.share * y.n, y.n, confidence);
  const double difference = scale_x * x.share - scale_y * y.share;
  return {difference - std::hypot(scale_x * (x.share - of_x.lower), scale_y * (of_y.upper - y.share)),
          difference + std::hypot(scale_x * (of_x.upper - x.share), scale_y * (y.share - of_y.lower))};
}

std::vector<double> benjamini_hochberg(std::span<const double> p_values) {
  std::vector<std::size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return p_values[a] > p_values[b]; });
  const double count = static_cast<double>(p_values.size());
  std::vector<double> out(p_values.size());
  double smallest = 1;
  for (std::size_t i = 0; i < order.size(); ++i) {
    smallest = std::min(smallest, p_values[order[i]] * count / (count - static_cast<double>(i)));
    out[order[i]] = smallest;
  }
  return out;
}

}  // namespace signalbox::stats
