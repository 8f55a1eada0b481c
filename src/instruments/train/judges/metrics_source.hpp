// Where the figures of a canary come from, and what they look like on their way to the judges.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "instruments/train/judges/metric.hpp"

namespace signalbox::train::judges {

// From `start`, not included, to `end`, included: windows that follow one another share no request.
struct Window {
  Time start;
  Time end;
};

// Requests of one side in a window. 0 <= bad <= requests; whole numbers where the source counts exactly.
struct Counts {
  double requests = 0;
  double bad = 0;
};
struct CountPair {
  Counts baseline;
  Counts canary;
};

// Values of one side in a window, in order of time. NaN: asked for and not there.
struct SamplePair {
  std::vector<double> baseline;
  std::vector<double> canary;
};

// Nothing was measured. It is no zero, and no judge takes it for a success.
struct NoData {
  std::string why;  // "Prometheus does not answer: …"
};

// One look at one metric: counts for CountQuery and LatencyQuery, samples for ValueQuery.
struct Observation {
  Window window;
  std::variant<NoData, CountPair, SamplePair> seen;
};

// Calls may block, up to the source's own time limit; none is made twice for the same answer.
class MetricsSource {
 public:
  virtual ~MetricsSource() = default;

  // The shortest window in which this source can have something new: ask no more often.
  virtual Duration resolution() const = 0;
  // How long `observe` may take.
  virtual Duration time_limit() const { return {}; }

  // What the metric was in the window. A source that is away, an answer that cannot be read, a side without
  // data: NoData with the reason. Asked again for the same window, it answers the same.
  virtual Observation observe(const CanaryMetric& metric, Window window) = 0;

  // Where slow begins for a metric with a LatencyQuery: a bound of the histogram, at or above the wanted
  // quantile of the baseline in the window. unavailable where nothing was measured there; bad_input where the
  // quantile lies beyond the last bound, or the metric is no latency.
  virtual Result<double> slow_above(const CanaryMetric& metric, Window before) = 0;
};

}  // namespace signalbox::train::judges
