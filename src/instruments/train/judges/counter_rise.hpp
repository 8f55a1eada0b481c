// How much counters rose in a window, from their raw samples: exact, where Prometheus' increase()
// extrapolates and does not see the first event of a series.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/proto/prometheus_answer.hpp"
#include "instruments/train/judges/metrics_source.hpp"

namespace signalbox::train::judges {

// How far back a counter's last sample may lie: after a longer gap it starts anew.
inline constexpr Duration kCounterLookback = std::chrono::minutes(5);

using PrometheusSeriesList = std::vector<proto::PrometheusSeries>;

// The sum over `counters` of those that `wanted` holds for; nothing where no counter has a sample in the
// window. A counter that falls was reset and counts from 0. One that appears in the window counts from 0
// where another one of its target (labels `job` and `instance`) in `known` is older than the window: it is an
// event of a kind that had not happened before. Where its target is new as well, it counts from its first
// sample.
std::optional<double> rise_of(const PrometheusSeriesList& counters, const PrometheusSeriesList& known,
                              const Window& window,
                              const std::function<bool(const proto::PrometheusSeries&)>& wanted = {});

}  // namespace signalbox::train::judges
