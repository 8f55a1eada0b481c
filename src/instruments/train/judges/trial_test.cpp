#include "instruments/train/judges/trial.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "instruments/train/judges/file_metrics.hpp"
#include "instruments/train/judges/file_source.hpp"
#include "instruments/train/judges/trial_report.hpp"

namespace signalbox::train::judges {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kStart_s = 1'772'528'400;  // 2026-03-03T09:00:00Z

// A CSV file: `row` gives what stands after the time of each minute.
template <class Row>
SeriesTable table(const std::string& names, int from, int to, Row row) {
  std::string text = "time," + names + "\n";
  for (int minute = from; minute < to; ++minute)
    text += fmt::format("{},{}\n", kStart_s + 60 * minute, row(minute));
  return read_series(text, "f").value();
}

Trial judged(const SeriesTable& baseline, const SeriesTable& canary, const FileMetricsQuery& query = {}) {
  std::vector<CanaryMetric> metrics = metrics_in(baseline, canary, query).value();
  std::vector<double> weights;
  for (const CanaryMetric& metric : metrics) weights.push_back(share_in(baseline, canary, metric));
  const auto source = make_file_source(baseline, canary);
  return run_trial(*source, std::move(metrics), {}, windows_of(canary.times), weights);
}

SeriesTable counts(int requests, int bad, int to = 15) {
  return table("errors_requests,errors_bad", 0, to, [&](int) { return fmt::format("{},{}", requests, bad); });
}

TEST(Trial, StopsWhereABreachIsSeenAndKeepsItsRuling) {
  const SeriesTable canary = table("errors_requests,errors_bad", 0, 15,
                                   [](int minute) { return fmt::format("1200,{}", minute == 4 ? 60 : 2); });
  const Trial trial = judged(counts(22'800, 38), canary);
  EXPECT_EQ(trial.ruling.standing, Standing::breach);
  ASSERT_TRUE(trial.breach_at);
  EXPECT_EQ(*trial.breach_at, Time(seconds(kStart_s + 4 * 60)));
  EXPECT_EQ(trial.ruling.metrics[0].figures["x"].as_number(), 4 * 2 + 60);
  EXPECT_EQ(trial.looks, 15U);
  EXPECT_EQ(trial.curves[0].values.size(), 15U);  // drawn to the end
  EXPECT_DOUBLE_EQ(trial.curves[0].limit, 2);     // log10 of 100
}

TEST(Trial, SaysWhenAGoodCanaryCouldHaveBeenPromoted) {
  const Trial trial = judged(counts(12'000, 600), counts(12'000, 300));
  EXPECT_EQ(trial.ruling.standing, Standing::good_enough);
  ASSERT_TRUE(trial.promotion_at);
  EXPECT_EQ(*trial.promotion_at - trial.whole.start, minutes(2));
}

TEST(Trial, ABaselineOfAnotherTimeIsNoBaseline) {
  const SeriesTable yesterday =
      table("errors_requests,errors_bad", -1'440, -1'425, [](int) { return "22800,38"; });
  const Trial trial = judged(yesterday, counts(1'200, 60));
  EXPECT_EQ(trial.ruling.standing, Standing::inconclusive);
  EXPECT_NE(trial.ruling.why.find("baseline: no row in this time"), std::string::npos) << trial.ruling.why;
}

TEST(Trial, AColumnOfOneSideAloneIsNotForgotten) {
  const SeriesTable baseline = table("a,b", 0, 15, [](int minute) { return fmt::format("{},1", minute); });
  const SeriesTable canary = table("a,c", 0, 15, [](int minute) { return fmt::format("{},1", minute); });
  const auto metrics = metrics_in(baseline, canary, {}).value();
  ASSERT_EQ(metrics.size(), 3U);
  EXPECT_EQ(metrics[2].name, "b");
  EXPECT_EQ(judged(baseline, canary).ruling.standing, Standing::inconclusive);  // two of three have no data
}

TEST(Trial, SlowIsAboveTheBaselinesQuantileBefore) {
  // A hundred values of the baseline before the canary: 1 to 100.
  const SeriesTable baseline = table(
      "latency", -100, 200, [](int minute) { return fmt::format("{}", minute < 0 ? 101 + minute : 50); });
  const SeriesTable canary =
      table("latency", 0, 200, [](int minute) { return minute % 2 == 0 ? "99" : "50"; });
  FileMetricsQuery query;
  query.judge = JudgeKind::sequential;
  std::vector<CanaryMetric> metrics = metrics_in(baseline, canary, query).value();
  auto& latency = std::get<LatencyQuery>(metrics[0].query);
  const auto source = make_file_source(baseline, canary);
  const auto bound = source->slow_above(metrics[0], {Time::min(), Time(seconds(kStart_s - 60))});
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_DOUBLE_EQ(*bound, 95.05);  // type 7 of 1 to 100
  latency.slow_above = *bound;
  const Trial trial = run_trial(*source, metrics, {}, windows_of(canary.times), {0.5});
  EXPECT_EQ(trial.ruling.standing, Standing::breach);
  EXPECT_EQ(source->slow_above(metrics[0], {Time::min(), Time(seconds(kStart_s - 82 * 60))}).error().kind,
            ErrorKind::unavailable);  // 19 values
}

TEST(FileMetrics, WhatIsConfiguredForANameJudgesItsColumns) {
  FileMetricsQuery query;
  SequentialRule strict;
  strict.alpha = 0.001;
  query.configured = {{"errors", CountQuery{}, strict}};
  const auto metric = metrics_in(counts(10, 1), counts(10, 1), query).value().front();
  EXPECT_EQ(std::get<SequentialRule>(metric.rule).alpha, 0.001);
  query.judge = JudgeKind::threshold;
  query.threshold.limit = 7;
  EXPECT_EQ(std::get<ThresholdRule>(metrics_in(counts(10, 1), counts(10, 1), query)->front().rule).limit, 7);
  query.only = {"latency"};
  const auto absent = metrics_in(counts(10, 1), counts(10, 1), query);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().hint, "there are: errors");
}

TEST(FileMetrics, AColumnOfRequestsAloneHoldsValues) {
  const SeriesTable lone = table("http_requests", 0, 3, [](int) { return "5"; });
  const auto metrics = metrics_in(lone, lone, {}).value();
  ASSERT_EQ(metrics.size(), 1U);
  EXPECT_EQ(metrics[0].name, "http_requests");
  EXPECT_EQ(kind_of(metrics[0]), JudgeKind::kayenta);
}

TEST(Windows, MeetAndAreNeverMoreThanTheLimit) {
  std::vector<Time> times;
  for (int i = 0; i < 12'345; ++i) times.emplace_back(seconds(kStart_s + 7 * i));
  const std::vector<Window> windows = windows_of(times);
  EXPECT_LE(windows.size(), kMaxLooks);
  EXPECT_EQ(windows.front().start, times.front() - seconds(7));
  EXPECT_EQ(windows.back().end, times.back());
  for (std::size_t i = 1; i < windows.size(); ++i) EXPECT_EQ(windows[i].start, windows[i - 1].end);
  EXPECT_EQ(windows_of({times[0]}).size(), 1U);
  EXPECT_EQ(windows_of({times[0]})[0].start, times[0] - minutes(1));
}

TEST(TrialReport, HoldsTheEvidenceOverTimeAndOneCheckAMetric) {
  const Trial trial = judged(counts(22'800, 38), counts(1'200, 60));
  const Report report = trial_report(trial, "t");
  EXPECT_EQ(report.verdict, Verdict::fail);
  ASSERT_EQ(report.checks.size(), 1U);
  EXPECT_EQ(report.checks[0].reason, "breach");
  ASSERT_EQ(report.charts.size(), 1U);
  ASSERT_EQ(report.charts[0].series.size(), 2U);
  EXPECT_EQ(report.charts[0].series[0].x.size(), 15U);
  EXPECT_EQ(report.data["breach_after_s"].as_number(), 60);
  EXPECT_EQ(report.data["metrics"].items()[0]["figures"]["m"].as_number(), 98);
  EXPECT_EQ(trial_report(judged(counts(22'800, 38), counts(1'200, 2)), "t").verdict, Verdict::pass);
  EXPECT_EQ(trial_report(judged(counts(20, 0), counts(1, 0)), "t").verdict, Verdict::none);
}

}  // namespace
}  // namespace signalbox::train::judges
