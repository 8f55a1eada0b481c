// Confidence intervals of a share: k of n.
#pragma once

namespace signalbox::stats {

struct Interval {
  double lower = 0;
  double upper = 0;
};

// Wilson (1927), without continuity correction. 0 <= k <= n, n above 0, confidence in (0, 1).
Interval wilson(double k, double n, double confidence);

// Clopper and Pearson (1934): covers at least with the confidence, for every true share.
Interval clopper_pearson(double k, double n, double confidence);

}  // namespace signalbox::stats
