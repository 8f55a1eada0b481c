// The judges of section `train.canary` over a source of metrics, as a watch wants them.
#pragma once

#include <memory>

#include "instruments/train/judges/canary_judge.hpp"
#include "instruments/train/ramp/watch.hpp"

namespace signalbox::train::ramp {

// Null where there are no metrics.
std::unique_ptr<MetricJudges> make_metric_judges(std::vector<judges::CanaryMetric> metrics,
                                                 judges::ScoreRule score,
                                                 std::unique_ptr<judges::MetricsSource> source);

}  // namespace signalbox::train::ramp
