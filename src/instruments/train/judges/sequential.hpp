// Evidence about bad requests that may be looked at after every request. docs/canary.md derives it.
#pragma once

#include "instruments/train/judges/metrics_source.hpp"

namespace signalbox::train::judges {

// The bad requests of both sides while the canary had one planned share of the traffic.
//
// Of m bad requests x are the canary's. Where the canary is no worse, each of them is the canary's with
// chance p0, its part of the requests at that time, or less. An e-value is never negative, starts at 1, and
// where its assumption holds it does not grow on average; so the chance that it ever reaches 1/α is at most α
// (Ville 1939).
class Tally {
 public:
  // `weight`: planned share of the canary, in (0, 1). `tolerated`: see SequentialRule, above 1.
  Tally(double weight, double tolerated) : weight_(weight), tolerated_(tolerated) {}

  // A window in which one side had no requests says nothing, and is left out.
  void add(const CountPair& counts);

  double requests_baseline() const { return requests_baseline_; }
  double requests_canary() const { return requests_canary_; }
  double bad() const { return bad_; }                // m
  double bad_canary() const { return bad_canary_; }  // x
  // p0: the canary's share of the requests, each window counted as often as it had bad ones, so that a share
  // that moves while errors come and go is no evidence. The planned weight before the first bad request.
  double share() const { return bad_ > 0 ? expected_ / bad_ : weight_; }

  // Logarithm of the e-value against "the canary is no worse".
  double log_e_worse() const;
  // Against "the canary's rate of bad requests is `tolerated` times the baseline's, or more".
  double log_e_tolerable() const;

 private:
  double weight_;
  double tolerated_;
  double requests_baseline_ = 0;
  double requests_canary_ = 0;
  double bad_ = 0;
  double bad_canary_ = 0;
  double expected_ = 0;            // Σ m_i p_i: bad requests of a canary that is as good as its baseline
  double expected_tolerated_ = 0;  // the same of one whose rate is `tolerated` times as high
};

}  // namespace signalbox::train::judges
