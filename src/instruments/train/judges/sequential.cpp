#include "instruments/train/judges/sequential.hpp"

#include <cmath>

#include "core/stats/beta.hpp"

namespace signalbox::train::judges {
namespace {

// Part of the bad requests that is the canary's, where its share of all requests is `share` and its rate of
// bad ones `ratio` times the baseline's.
double part_of_bad(double share, double ratio) {
  return ratio * share / (1 + share * (ratio - 1));
}

// log of ∫ qˣ(1-q)^(m-x) dq / (pˣ(1-p)^(m-x)), without its range: the caller adds the log of the part that
// lies in it.
double log_mixture(double x, double m, double p) {
  return stats::log_beta(1 + x, 1 + m - x) - x * std::log(p) - (m - x) * std::log1p(-p);
}

}  // namespace

void Tally::add(const CountPair& counts) {
  const double requests = counts.baseline.requests + counts.canary.requests;
  if (!(counts.baseline.requests > 0 && counts.canary.requests > 0)) return;
  const double share = counts.canary.requests / requests;
  const double bad = counts.baseline.bad + counts.canary.bad;
  requests_baseline_ += counts.baseline.requests;
  requests_canary_ += counts.canary.requests;
  bad_ += bad;
  bad_canary_ += counts.canary.bad;
  expected_ += bad * share;
  expected_tolerated_ += bad * part_of_bad(share, tolerated_);
}

// Uniform prior over the shares q above p. Seen as a prior over ratios of rates it depends on p, so where p
// is not the planned weight the last term takes off the most that this can have gained.
double Tally::log_e_worse() const {
  if (!(bad_ > 0)) return 0;
  const double p = share();
  return log_mixture(bad_canary_, bad_, p) +
         stats::log_beta_above(p, 1 + bad_canary_, 1 + bad_ - bad_canary_) - std::log1p(-p) -
         std::abs(std::log(p / weight_));
}

// The same from the other end: a uniform prior over the shares below p.
double Tally::log_e_tolerable() const {
  if (!(bad_ > 0)) return 0;
  const double p = expected_tolerated_ / bad_;
  const double planned = part_of_bad(weight_, tolerated_);
  return log_mixture(bad_canary_, bad_, p) +
         stats::log_beta_below(p, 1 + bad_canary_, 1 + bad_ - bad_canary_) - std::log(p) -
         std::abs(std::log1p(-p) - std::log1p(-planned));
}

}  // namespace signalbox::train::judges
