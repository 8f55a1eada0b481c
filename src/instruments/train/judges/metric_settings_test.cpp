#include <gtest/gtest.h>

#include "instruments/train/judges/metric.hpp"

namespace signalbox::train::judges {
namespace {

Result<std::vector<CanaryMetric>> parsed(std::string_view yaml) {
  return parse_metrics(config::parse_yaml(yaml, "train.yaml").value()["metrics"]);
}

std::string refused(std::string_view yaml) {
  const auto metrics = parsed(yaml);
  if (metrics) return "accepted";
  EXPECT_EQ(metrics.error().kind, ErrorKind::bad_input);
  return metrics.error().message;
}

TEST(MetricSettings, CountsGoToTheSequentialJudge) {
  const auto metrics = parsed(R"(metrics:
  - name: errors
    requests: http_requests_total{$side}
    bad: http_requests_total{$side, code=~"5.."}
    alpha: 0.001
    tolerated: 2
)");
  ASSERT_TRUE(metrics) << metrics.error().message;
  ASSERT_EQ(metrics->size(), 1U);
  const CanaryMetric& errors = metrics->front();
  EXPECT_EQ(kind_of(errors), JudgeKind::sequential);
  EXPECT_EQ(std::get<CountQuery>(errors.query).bad, R"(http_requests_total{$side, code=~"5.."})");
  EXPECT_EQ(std::get<SequentialRule>(errors.rule).alpha, 0.001);
  EXPECT_EQ(std::get<SequentialRule>(errors.rule).tolerated, 2);
  EXPECT_EQ(std::get<SequentialRule>(errors.rule).beta, 0.05);
}

TEST(MetricSettings, ACounterThatMayBeAbsentIsNamedSo) {
  const std::string text = "metrics:\n  - name: e\n    requests: r{$side}\n    bad: b{$side}\n";
  const auto absent = [](const Result<std::vector<CanaryMetric>>& metrics) {
    return std::get<CountQuery>(metrics.value().front().query).absent;
  };
  EXPECT_EQ(absent(parsed(text)), CountQuery::Absent::unknown);
  EXPECT_EQ(absent(parsed(text + "    absent: zero\n")), CountQuery::Absent::zero);
  EXPECT_NE(refused(text + "    absent: none\n").find("`none` is none of unknown, zero"), std::string::npos);
  EXPECT_FALSE(parsed("metrics:\n  - name: l\n    buckets: h_bucket{$side}\n    absent: zero\n"));
}

TEST(MetricSettings, EachJudgeHasItsOwnWords) {
  const auto metrics = parsed(R"(metrics:
  - name: latency
    buckets: http_request_duration_seconds_bucket{$side}
    quantile: 0.99
  - name: processor
    value: avg(rate(process_cpu_seconds_total{$side}[1m]))
    judge: kayenta
    direction: increase
    nan: replace
    outliers: remove
    effect: cles
    critical: true
    must_have_data: true
    allowed_increase: 0.6
    groups: [saturation, all]
  - name: memory
    value: max(process_resident_memory_bytes{$side})
    judge: threshold
    above: 1.5
    clear: 1.2
    for: 2m
    of: baseline
)");
  ASSERT_TRUE(metrics) << metrics.error().message;
  EXPECT_EQ(std::get<LatencyQuery>((*metrics)[0].query).quantile, 0.99);
  EXPECT_FALSE(std::get<LatencyQuery>((*metrics)[0].query).slow_above);
  const auto& kayenta = std::get<KayentaRule>((*metrics)[1].rule);
  EXPECT_EQ(kayenta.direction, KayentaRule::Direction::increase);
  EXPECT_EQ(kayenta.nan, KayentaRule::Nan::replace);
  EXPECT_EQ(kayenta.outliers, KayentaRule::Outliers::remove);
  EXPECT_EQ(kayenta.effect, KayentaRule::Effect::cles);
  EXPECT_EQ(kayenta.criticality, KayentaRule::Criticality::critical);
  EXPECT_EQ(kayenta.data, KayentaRule::Data::required);
  EXPECT_EQ(kayenta.allowed_increase, 0.6);
  EXPECT_FALSE(kayenta.allowed_decrease);
  EXPECT_EQ(kayenta.groups, (std::vector<std::string>{"saturation", "all"}));
  const auto& threshold = std::get<ThresholdRule>((*metrics)[2].rule);
  EXPECT_EQ(threshold.limit, 1.5);
  EXPECT_EQ(threshold.clear, 1.2);
  EXPECT_EQ(threshold.lasting, std::chrono::minutes(2));
  EXPECT_EQ(threshold.of, ThresholdRule::Of::baseline);
}

TEST(MetricSettings, NoListIsNoMetrics) {
  EXPECT_EQ(parsed("other: 1\n")->size(), 0U);
}

TEST(MetricSettings, WhatCannotBeMeantIsRefusedWithItsPlace) {
  EXPECT_EQ(refused("metrics: 3\n"), "train.yaml:1:10: metrics: a list of metrics belongs here");
  EXPECT_EQ(refused("metrics:\n  - name: e\n    requests: r_total\n    bad: b_total{$side}\n"),
            "train.yaml:3:15: metrics[0].requests: it reads the same for both sides: `$side` is missing");
  EXPECT_NE(refused("metrics:\n  - name: e\n    requests: sum(rate(r{$side}[1m]))\n    bad: b{$side}\n")
                .find("3:15: metrics[0].requests: a counter is named by a selector"),
            std::string::npos);
  EXPECT_NE(refused("metrics:\n  - name: e\n    requests: r{$side}\n").find("bad"), std::string::npos);
  EXPECT_NE(refused("metrics:\n  - name: e\n    value: v{$side}\n").find("judge"), std::string::npos);
  EXPECT_NE(
      refused("metrics:\n  - name: e\n    value: v{$side}\n    judge: sequential\n").find("counts requests"),
      std::string::npos);
  EXPECT_NE(refused("metrics:\n  - name: e\n    value: v{$side}\n    judge: guess\n").find("none of"),
            std::string::npos);
  EXPECT_NE(
      refused("metrics:\n  - name: e\n    value: v{$side}\n    buckets: b{$side}\n").find("is found by"),
      std::string::npos);
  EXPECT_NE(refused("metrics:\n  - name: e\n    requests: r{$side}\n    bad: b{$side}\n    above: 3\n")
                .find("above"),
            std::string::npos);
  EXPECT_NE(refused("metrics:\n  - name: e\n    requests: r{$side}\n    bad: b{$side}\n    alpha: 0\n")
                .find("train.yaml:5:12"),
            std::string::npos);
  EXPECT_NE(refused("metrics:\n  - name: e\n    requests: r{$side}\n    bad: b{$side}\n    tolerated: 1\n")
                .find("not between 1"),
            std::string::npos);
  EXPECT_NE(refused("metrics:\n  - {name: m, value: 'v{$side}', judge: threshold, above: 2, clear: 3}\n")
                .find("bad side"),
            std::string::npos);
  EXPECT_NE(refused("metrics:\n  - {name: m, value: 'v{$side}', judge: threshold, above: 2, below: 3}\n")
                .find("`above` a limit or `below` one"),
            std::string::npos);
  EXPECT_NE(refused("metrics:\n  - {name: m, value: 'v{$side}', judge: kayenta}\n"
                    "  - {name: m, value: 'v{$side}', judge: kayenta}\n")
                .find("already"),
            std::string::npos);
}

}  // namespace
}  // namespace signalbox::train::judges
