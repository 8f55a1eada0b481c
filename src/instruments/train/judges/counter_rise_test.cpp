#include "instruments/train/judges/counter_rise.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace signalbox::train::judges {
namespace {

Time at(int second) {
  return Time(std::chrono::seconds(1'000'000 + second));
}

// Samples of one counter: second and value.
proto::PrometheusSeries counter(std::vector<std::pair<int, double>> samples, std::string instance = "a",
                                std::string code = "200") {
  proto::PrometheusSeries out;
  out.labels = {{"job", "web"}, {"instance", std::move(instance)}, {"code", std::move(code)}};
  for (const auto& [second, value] : samples) out.samples.push_back({at(second), value});
  return out;
}

std::optional<double> rise(const PrometheusSeriesList& counters, int start, int end,
                           const PrometheusSeriesList& known = {}) {
  return rise_of(counters, known.empty() ? counters : known, {at(start), at(end)});
}

TEST(CounterRise, IsTheDifferenceSinceTheLastSampleBeforeTheWindow) {
  const PrometheusSeriesList counters = {counter({{-5, 100}, {10, 140}, {25, 141}, {40, 200}})};
  EXPECT_EQ(rise(counters, 0, 30), 41);
  EXPECT_EQ(rise(counters, 10, 25), 1);  // the start is not part of the window, its end is
  EXPECT_EQ(rise(counters, 26, 39), std::nullopt);
  EXPECT_EQ(rise(counters, 25, 60), 59);
}

TEST(CounterRise, WindowsThatFollowOneAnotherAddUp) {
  const PrometheusSeriesList counters = {counter({{-1, 5}, {3, 8}, {4, 9}, {11, 20}, {12, 2}, {19, 7}})};
  for (const int step : {1, 2, 5, 10}) {
    double sum = 0;
    for (int start = 0; start < 20; start += step) sum += rise(counters, start, start + step).value_or(0);
    EXPECT_EQ(sum, 22) << step;  // 3 + 1 + 11, and 2 + 5 after the restart
  }
}

TEST(CounterRise, ARestartCountsFromZero) {
  EXPECT_EQ(rise({counter({{0, 1000}, {5, 30}})}, 0, 10), 30);
}

TEST(CounterRise, TheFirstEventOfAKindCounts) {
  const PrometheusSeriesList known = {counter({{-5, 100}, {5, 120}})};
  const PrometheusSeriesList errors = {counter({{5, 3}, {9, 4}}, "a", "500")};
  EXPECT_EQ(rise(errors, 0, 10, known), 4);
}

TEST(CounterRise, ANewTargetCountsFromItsFirstSample) {
  EXPECT_EQ(rise({counter({{5, 1'000'000}, {9, 1'000'007}})}, 0, 10), 7);
  const PrometheusSeriesList other_target = {counter({{-5, 100}, {5, 120}}, "b")};
  EXPECT_EQ(rise({counter({{5, 3}, {9, 4}}, "a", "500")}, 0, 10, other_target), 1);
}

TEST(CounterRise, SumsTargetsAndLeavesOutWhatIsNotWanted) {
  const PrometheusSeriesList counters = {counter({{0, 1}, {5, 3}}), counter({{0, 10}, {6, 15}}, "b"),
                                         counter({{0, 7}, {5, 8}}, "a", "500")};
  EXPECT_EQ(rise(counters, 0, 10), 8);
  const auto errors = rise_of(counters, counters, {at(0), at(10)}, [](const proto::PrometheusSeries& series) {
    return series.labels.at("code") == "500";
  });
  EXPECT_EQ(errors, 1);
}

TEST(CounterRise, WhatIsNoNumberIsPassedOver) {
  EXPECT_EQ(rise({counter({{0, 1}, {3, std::nan("")}, {5, INFINITY}, {7, 4}})}, 0, 10), 3);
  EXPECT_EQ(rise({counter({{0, 1}, {3, std::nan("")}})}, 0, 10), std::nullopt);
  EXPECT_EQ(rise({counter({})}, 0, 10), std::nullopt);
}

}  // namespace
}  // namespace signalbox::train::judges
