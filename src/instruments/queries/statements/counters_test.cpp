#include "instruments/queries/statements/counters.hpp"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace signalbox::queries {
namespace {

// What a server would count of these executions, by the definition.
Counters counted_from(const std::vector<double>& times) {
  Counters out;
  out.calls = static_cast<std::int64_t>(times.size());
  for (const double time : times) out.total_exec_ms += time;
  const double mean = out.calls == 0 ? 0 : out.total_exec_ms / static_cast<double>(out.calls);
  for (const double time : times) out.exec_m2_ms2 += (time - mean) * (time - mean);
  return out;
}

std::vector<double> random_times(std::mt19937& random, std::size_t count, double scale) {
  std::lognormal_distribution<double> times(0, 1);
  std::vector<double> out(count);
  for (double& each : out) each = scale * times(random);
  return out;
}

}  // namespace

TEST(Delta, MomentsOfAnIntervalAreThoseOfItsOwnExecutions) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<double> all = random_times(random, 1 + random() % 300, 1);
    const Counters before = counted_from(all);
    const std::vector<double> later = random_times(random, 1 + random() % 300, 0.01 + round % 50);
    all.insert(all.end(), later.begin(), later.end());
    const Delta delta = delta_between(&before, counted_from(all), Continuity::whole);
    const Counters wanted = counted_from(later);
    EXPECT_FALSE(delta.partial);
    EXPECT_EQ(delta.counters.calls, wanted.calls);
    EXPECT_NEAR(delta.counters.total_exec_ms, wanted.total_exec_ms, 1e-6);
    EXPECT_NEAR(stddev_exec_ms(delta.counters), stddev_exec_ms(wanted), 1e-6 * (1 + stddev_exec_ms(wanted)));
  }
}

TEST(Delta, SumsOfIntervalsHaveTheMomentsOfAll) {
  std::mt19937 random(8);
  std::vector<double> all;
  Counters sum;
  for (int interval = 0; interval < 40; ++interval) {
    const auto times = random_times(random, random() % 20, 1 + interval);
    all.insert(all.end(), times.begin(), times.end());
    sum += counted_from(times);
  }
  const Counters wanted = counted_from(all);
  EXPECT_EQ(sum.calls, wanted.calls);
  EXPECT_NEAR(stddev_exec_ms(sum), stddev_exec_ms(wanted), 1e-9 * stddev_exec_ms(wanted));
}

TEST(Delta, OfAStatementThatWasNotThereIsAllOfIt) {
  Counters after;
  after.calls = 3;
  EXPECT_EQ(delta_between(nullptr, after, Continuity::whole).counters, after);
  EXPECT_FALSE(delta_between(nullptr, after, Continuity::whole).partial);
  EXPECT_TRUE(
      delta_between(nullptr, after, Continuity::dropping).partial);  // it may have been dropped before
}

TEST(Delta, CountersThatFellBeganAnew) {
  Counters before, after;
  before.calls = 10;
  before.total_exec_ms = 100;
  after.calls = 12;
  after.total_exec_ms = 3;  // more calls, yet less time: reset, and then busier than before
  const Delta delta = delta_between(&before, after, Continuity::whole);
  EXPECT_TRUE(delta.partial);
  EXPECT_EQ(delta.counters, after);
}

TEST(Delta, AfterAResetAllOfItIsToldEvenWhereNothingFell) {
  Counters before, after;
  before.calls = 10;
  after.calls = 15;
  EXPECT_EQ(delta_between(&before, after, Continuity::reset).counters.calls, 15);
  EXPECT_EQ(delta_between(&before, after, Continuity::dropping).counters.calls, 5);
}

TEST(Delta, NothingIsNegative) {
  Counters before, after;
  before.calls = after.calls = 5;
  before.total_exec_ms = 1.0;
  after.total_exec_ms = 1.0 - 1e-13;  // rounding
  before.exec_m2_ms2 = 2.0;
  after.exec_m2_ms2 = 1.9999999;
  const Delta delta = delta_between(&before, after, Continuity::whole);
  EXPECT_EQ(delta.counters.total_exec_ms, 0);
  EXPECT_EQ(delta.counters.exec_m2_ms2, 0);
}

TEST(QuantileBound, HoldsForDistributionsOfManyShapes) {
  std::mt19937 random(9);
  for (int round = 0; round < 300; ++round) {
    std::vector<double> times = random_times(random, 40 + random() % 400, 1);
    if (round % 3 == 0) {  // two kinds of executions
      for (std::size_t i = 0; i < times.size(); i += 2 + random() % 20) times[i] *= 500;
    }
    const Counters counters = counted_from(times);
    for (const double q : {0.5, 0.95, 0.99}) {
      const double bound = quantile_bound_ms(counters, q);
      const auto beyond =
          std::count_if(times.begin(), times.end(), [&](double time) { return time > bound; });
      EXPECT_LE(static_cast<double>(beyond), (1 - q) * static_cast<double>(times.size())) << round;
    }
  }
}

}  // namespace signalbox::queries
