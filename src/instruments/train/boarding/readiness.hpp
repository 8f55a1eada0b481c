// The readiness score of release trains, for one passenger: tests 30, security scan 20, observability 15,
// rollback 20, sign-off 15.
#pragma once

#include "instruments/train/boarding/transitions.hpp"

namespace signalbox::train {

// How far each is done, 0 to 1; what lies outside is cut to it, and what is no number counts 0.
struct Readiness {
  double tests = 0;
  double security = 0;
  double observability = 0;
  double rollback = 0;
  double signoffs = 0;
};

// 0 to 100. Source: the scoring function of the specification, Σ value·weight.
double readiness_score(const Readiness& readiness);

// Of a passenger: proved and n/a count 1, attested a half. Tests are those, the integration tests and the CI;
// rollback is the steps for data; sign-off is the approval.
Readiness readiness_of(const Seat& seat);

}  // namespace signalbox::train
