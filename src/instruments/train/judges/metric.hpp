// What a canary is judged by: one metric, how it is found, and the rule of the judge that looks at it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/clock.hpp"
#include "core/config/config.hpp"

namespace signalbox::train::judges {

inline constexpr std::size_t kMaxMetrics = 32;

enum class JudgeKind { sequential, kayenta, threshold };
std::string_view name_of(JudgeKind kind);  // "sequential", …

// Two counters: requests, and those of them that were bad. In both `$side` stands for what tells the sides
// apart.
struct CountQuery {
  std::string requests;  // "http_requests_total{$side}"
  std::string bad;       // "http_requests_total{$side, code=~\"5..\"}"
  // Where neither side has a counter of bad requests: nobody knows whether none happened or the selector is
  // misspelt. zero: the service makes it with the first error.
  enum class Absent { unknown, zero } absent = Absent::unknown;
};

// Counters of a histogram. Bad is a request slower than `slow_above`.
struct LatencyQuery {
  std::string buckets;               // "http_request_duration_seconds_bucket{$side}"
  double quantile = 0.95;            // of the baseline before the canary: where slow begins
  std::optional<double> slow_above;  // in the histogram's unit; absent until the baseline was measured
};

// A value over time, from any expression.
struct ValueQuery {
  std::string expression;  // "avg(process_resident_memory_bytes{$side})"
};

using MetricQuery = std::variant<CountQuery, LatencyQuery, ValueQuery>;

// Bad requests counted on both sides; sequential.hpp has the formulas.
struct SequentialRule {
  double alpha = 0.01;        // chance of a false breach, however often one looks
  double beta = 0.05;         // chance that a candidate worse by `tolerated` is promoted before its hold ends
  double tolerated = 1.5;     // the ratio of bad rates that an early promotion rules out; above 1
  double min_requests = 100;  // on each side; fewer at the end of a hold are no data
};

// One side's samples beside the other's; kayenta.hpp has the rules.
struct KayentaRule {
  enum class Direction { increase, decrease, either } direction = Direction::either;
  enum class Nan { remove, replace } nan = Nan::remove;
  enum class Outliers { keep, remove } outliers = Outliers::keep;
  enum class Effect { mean_ratio, cles } effect = Effect::mean_ratio;
  enum class Criticality { normal, critical } criticality = Criticality::normal;
  enum class Data { optional, required } data = Data::optional;
  double outlier_factor = 3;
  std::optional<double> allowed_increase;   // effect from which High counts; absent: 1, or 0.5 for CLES
  std::optional<double> allowed_decrease;   // effect up to which Low counts
  std::optional<double> critical_increase;  // the same, where a critical metric fails the whole canary
  std::optional<double> critical_decrease;
  std::vector<std::string> groups;  // empty: a group of its own name
};

// The canary's value against a limit. It is crossed at `limit` and left at `clear` only.
struct ThresholdRule {
  enum class Side { above, below } side = Side::above;
  enum class Of { value, baseline } of = Of::value;  // baseline: the canary's value divided by the baseline's
  double limit = 0;
  double clear = 0;                             // on the good side of the limit, or the limit itself
  Duration lasting = std::chrono::seconds(60);  // how long it must stay crossed
};

using JudgeRule = std::variant<SequentialRule, KayentaRule, ThresholdRule>;

struct CanaryMetric {
  std::string name;  // "errors"
  MetricQuery query;
  JudgeRule rule;
};

JudgeKind kind_of(const CanaryMetric& metric);
// Whether it is judged beside the baseline: a limit on the canary's own value is not.
bool needs_baseline(const CanaryMetric& metric);

// List `train.canary.metrics`; absent: no metrics. bad_input with file:line:column.
Result<std::vector<CanaryMetric>> parse_metrics(const config::Node& metrics);

}  // namespace signalbox::train::judges
