#include "core/stats/samples.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <numeric>

#include "core/stats/beta.hpp"

namespace signalbox::stats {
namespace {

std::vector<double> sorted(std::span<const double> values) {
  std::vector<double> out(values.begin(), values.end());
  std::sort(out.begin(), out.end());
  return out;
}

// Σ (t³ - t) over the groups of equal values.
double tie_sum(const std::vector<double>& ordered) {
  double sum = 0;
  for (std::size_t begin = 0; begin < ordered.size();) {
    std::size_t end = begin + 1;
    while (end < ordered.size() && ordered[end] == ordered[begin]) ++end;
    const double t = static_cast<double>(end - begin);
    sum += t * t * t - t;
    begin = end;
  }
  return sum;
}

// Standard deviation of U under "no difference".
double sigma_of_u(double m, double n, double ties) {
  const double all = m + n;
  return std::sqrt(m * n / 12 * (all + 1 - ties / (all * (all - 1))));
}

// Pairs in which x is larger, ties counted as half.
double wins(std::span<const double> x, std::span<const double> y) {
  const std::vector<double> ordered = sorted(y);
  double out = 0;
  for (const double value : x) {
    const auto [first, last] = std::equal_range(ordered.begin(), ordered.end(), value);
    out += static_cast<double>(first - ordered.begin()) + static_cast<double>(last - first) / 2;
  }
  return out;
}

double sign(double value) {
  return value > 0 ? 1 : value < 0 ? -1 : 0;
}

// Doubles in their order as integers, so that halving an interval ends after 64 steps whatever its scale.
std::int64_t rank_of(double value) {
  const auto bits = std::bit_cast<std::int64_t>(value == 0 ? 0.0 : value);
  return bits >= 0 ? bits : std::numeric_limits<std::int64_t>::min() - bits;
}
double double_at(std::int64_t rank) {
  return std::bit_cast<double>(rank >= 0 ? rank : std::numeric_limits<std::int64_t>::min() - rank);
}

// All differences x - y, never written out.
class Differences {
 public:
  Differences(std::span<const double> x, std::span<const double> y) : x_(sorted(x)), y_(sorted(y)) {
    // Shifted by anything but a difference, no value of x equals one of y: the ties are those within each.
    sigma_ =
        sigma_of_u(static_cast<double>(x_.size()), static_cast<double>(y_.size()), tie_sum(x_) + tie_sum(y_));
  }

  double smallest() const { return x_.front() - y_.back(); }
  double largest() const { return x_.back() - y_.front(); }

  // How many are above `d`, from half of all. `d` itself counts as a shift a little above it.
  double excess_above(double d) const {
    std::size_t above = 0;
    std::size_t below_all = 0;  // of y_, those that x is above of by more than d
    for (const double x : x_) {
      while (below_all < y_.size() && x - y_[below_all] > d) ++below_all;
      above += below_all;
    }
    return static_cast<double>(above) - static_cast<double>(x_.size()) * static_cast<double>(y_.size()) / 2;
  }

  double sigma() const { return sigma_; }

  // The smallest difference at which `reached(excess)` holds; the largest of all where it holds at none.
  // `reached` stays true once it is.
  double first(const std::function<bool(double)>& reached) const {
    std::int64_t low = rank_of(smallest());
    std::int64_t high = rank_of(largest());
    while (low < high) {
      const std::int64_t middle = std::midpoint(low, high);  // never `high`
      if (reached(excess_above(double_at(middle)))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return double_at(low);
  }

 private:
  std::vector<double> x_;
  std::vector<double> y_;
  double sigma_ = 0;
};

}  // namespace

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double quantile(std::vector<double> values, double probability) {
  const double place = probability * static_cast<double>(values.size() - 1);
  const auto below = static_cast<std::size_t>(place);
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(below);
  std::nth_element(values.begin(), at, values.end());
  const double part = place - static_cast<double>(below);
  if (part == 0) return *at;
  return *at + part * (*std::min_element(at + 1, values.end()) - *at);
}

MannWhitney mann_whitney(std::span<const double> x, std::span<const double> y) {
  const double m = static_cast<double>(x.size());
  const double n = static_cast<double>(y.size());
  std::vector<double> all(x.begin(), x.end());
  all.insert(all.end(), y.begin(), y.end());
  std::sort(all.begin(), all.end());
  MannWhitney out;
  out.u = wins(x, y);
  const double sigma = sigma_of_u(m, n, tie_sum(all));
  if (all.front() == all.back()) return out;
  const double excess = out.u - m * n / 2;
  out.z = (excess - sign(excess) / 2) / sigma;
  out.p_value = std::min(1.0, 2 * normal_below(-std::abs(out.z)));
  return out;
}

Shift shift_between(std::span<const double> x, std::span<const double> y, double confidence) {
  const Differences differences(x, y);
  const double z = normal_quantile(0.5 + confidence / 2);
  const auto root = [&](double quantile) {
    return differences.first(
        [&](double excess) { return (excess - sign(excess) / 2) / differences.sigma() <= quantile; });
  };
  Shift out;
  const double median_low = differences.first([](double excess) { return excess <= 0; });
  const double median_high = differences.first([](double excess) { return excess < 0; });
  out.estimate = median_low + (median_high - median_low) / 2;
  out.interval = {root(z), root(-z)};
  return out;
}

double common_language_effect(std::span<const double> x, std::span<const double> y) {
  return wins(x, y) / (static_cast<double>(x.size()) * static_cast<double>(y.size()));
}

}  // namespace signalbox::stats
