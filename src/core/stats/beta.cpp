#include "core/stats/beta.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include <boost/math/policies/policy.hpp>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/erf.hpp>
#include <boost/math/tools/fraction.hpp>

namespace signalbox::stats {
namespace {

namespace policies = boost::math::policies;
// No exceptions, no promotion to long double: a value outside of the domain gives NaN.
using Quiet = policies::policy<
    policies::promote_double<false>, policies::domain_error<policies::ignore_error>,
    policies::pole_error<policies::ignore_error>, policies::overflow_error<policies::ignore_error>,
    policies::underflow_error<policies::ignore_error>, policies::evaluation_error<policies::ignore_error>>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kSmallestExact = 1e-280;  // below it Boost's value loses digits, then becomes 0

// Terms of the continued fraction DLMF 8.17.22: 1 + d1/(1+) d2/(1+) …
class BetaFraction {
 public:
  using result_type = std::pair<double, double>;
  BetaFraction(double x, double a, double b) : x_(x), a_(a), b_(b) {}
  result_type operator()() {
    const int m = step_ / 2;
    const double d = step_ == 0       ? 1
                     : step_ % 2 == 0 ? m * (b_ - m) * x_ / ((a_ + 2 * m - 1) * (a_ + 2 * m))
                                      : -(a_ + m) * (a_ + b_ + m) * x_ / ((a_ + 2 * m) * (a_ + 2 * m + 1));
    ++step_;
    return {d, 1};
  }

 private:
  double x_, a_, b_;
  int step_ = 0;
};

// log I_x(a, b) where x is far below the mean, so that the fraction converges at once. `rest` is 1 - x.
double log_far_tail(double x, double rest, double a, double b) {
  BetaFraction fraction(x, a, b);
  std::uintmax_t terms = 10'000;
  const double value =
      boost::math::tools::continued_fraction_b(fraction, std::numeric_limits<double>::epsilon(), terms);
  return a * std::log(x) + b * std::log(rest) - std::log(a) - log_beta(a, b) - std::log(value);
}

}  // namespace

double log_beta(double a, double b) {
  return std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
}

double log_beta_below(double x, double a, double b) {
  if (x <= 0) return -kInfinity;
  if (x >= 1) return 0;
  const double below = boost::math::ibeta(a, b, x, Quiet());
  if (below > 0.5) return std::log1p(-boost::math::ibetac(a, b, x, Quiet()));
  return below > kSmallestExact ? std::log(below) : log_far_tail(x, 1 - x, a, b);
}

double log_beta_above(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return -kInfinity;
  const double above = boost::math::ibetac(a, b, x, Quiet());
  if (above > 0.5) return std::log1p(-boost::math::ibeta(a, b, x, Quiet()));
  return above > kSmallestExact ? std::log(above) : log_far_tail(1 - x, x, b, a);
}

double normal_below(double z) {
  return std::erfc(-z / std::sqrt(2.0)) / 2;
}

double normal_quantile(double probability) {
  return -std::sqrt(2.0) * boost::math::erfc_inv(2 * probability, Quiet());
}

}  // namespace signalbox::stats
