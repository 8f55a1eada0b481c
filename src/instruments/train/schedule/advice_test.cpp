// Cadences of the past, worked by hand: whole days, so that batches and waits are counted on fingers.
#include "instruments/train/schedule/advice.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace signalbox::train::schedule {
namespace {

using std::chrono::days;
using std::chrono::hours;

// Tuesday, 6 January 2026, at ten.
const Time kTuesday = std::chrono::sys_days(std::chrono::year(2026) / 1 / 6) + hours(10);

// Twelve releases on Tuesdays, four weeks apart; a change is ready on each of the 28 days up to a release,
// one hour after its time of day. Three were hotfixed.
std::vector<PastRelease> monthly_past() {
  std::vector<PastRelease> out;
  for (int n = 0; n < 12; ++n) {
    PastRelease release{"v1." + std::to_string(n) + ".0", kTuesday + days(28 * n), {}, {}};
    for (int day = 28; day >= 1; --day) release.changes.push_back(release.at - days(day) + hours(1));
    if (n % 4 == 0) release.outcome = PastRelease::Outcome::hotfixed;
    out.push_back(std::move(release));
  }
  return out;
}

const CadenceMeasure& of(const Advice& advice, std::string_view name) {
  for (const CadenceMeasure& one : advice.simulated) {
    if (one.cadence == name) return one;
  }
  return advice.measured;
}

TEST(Advice, WhatWasIsCounted) {
  const auto advice = advise(monthly_past(), {});
  ASSERT_TRUE(advice) << advice.error().message;
  EXPECT_EQ(advice->measured.departures, 12U);
  EXPECT_DOUBLE_EQ(advice->measured.batch_median, 28);
  EXPECT_NEAR(advice->measured.wait_days_median, 14.5 - 1.0 / 24, 1e-9);
  EXPECT_DOUBLE_EQ(advice->measured.fail_rate, 0.25);
  EXPECT_NEAR(advice->measured.per_month, 12 / (28 * 11 / (365.25 / 12)), 1e-9);
}

TEST(Advice, AWeekTakesSevenChangesThatWaitHalfOfIt) {
  const auto advice = advise(monthly_past(), {});
  ASSERT_TRUE(advice);
  const CadenceMeasure& weekly = of(*advice, "weekly");
  EXPECT_EQ(weekly.departures, 48U);
  EXPECT_DOUBLE_EQ(weekly.batch_median, 7);
  EXPECT_NEAR(weekly.wait_days_median, 4 - 1.0 / 24, 1e-9);
  // Of 28 changes 25 % fail: of 7, by 1 - 0.75^(1/4).
  EXPECT_NEAR(weekly.fail_rate, 1 - std::pow(0.75, 0.25), 1e-9);
  EXPECT_NEAR(of(*advice, "continuous").fail_rate, 1 - std::pow(0.75, 1.0 / 28), 1e-9);
  EXPECT_EQ(of(*advice, "continuous").departures, 336U);
  // Monday to Friday: what is ready on Friday, after ten, on Saturday and on Sunday leaves on Monday.
  EXPECT_DOUBLE_EQ(of(*advice, "daily").batch_p90, 3);
  EXPECT_DOUBLE_EQ(of(*advice, "daily").batch_median, 1);
  EXPECT_DOUBLE_EQ(of(*advice, "pi").batch_median, 70);
}

TEST(Advice, TheMostFrequentWithinTheCapacityIsAdvised) {
  const auto past = monthly_past();
  EXPECT_EQ(advise(past, {})->cadence, "monthly");  // about 2.4 a month; weekly trains are 4.7
  EXPECT_EQ(advise(past, {.capacity = 5})->cadence, "weekly");
  EXPECT_EQ(advise(past, {.capacity = 25})->cadence, "daily");
  EXPECT_EQ(advise(past, {.capacity = 100})->cadence, "continuous");
  EXPECT_EQ(advise(past, {.capacity = 0.1})->cadence, "pi");
  EXPECT_NE(advise(past, {.capacity = 0.1})->reason.find("comes nearest"), std::string::npos);
}

TEST(Advice, TwoReleasesTeachNothing) {
  auto past = monthly_past();
  past.resize(2);
  EXPECT_EQ(advise(past, {}).error().kind, ErrorKind::not_found);
  EXPECT_EQ(advise({}, {}).error().kind, ErrorKind::not_found);
}

TEST(Advice, WhereAllFailedOneChangeDoesToo) {
  auto past = monthly_past();
  for (PastRelease& release : past) release.outcome = PastRelease::Outcome::hotfixed;
  EXPECT_DOUBLE_EQ(of(*advise(past, {}), "continuous").fail_rate, 1);
}

}  // namespace
}  // namespace signalbox::train::schedule
