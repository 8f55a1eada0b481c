// What a look at time, past and traffic says before a train's first step.
#include "instruments/train/ramp/clearance.hpp"

#include <gtest/gtest.h>

namespace signalbox::train::ramp {
namespace {

using std::chrono::minutes;

const Time kDeparts{std::chrono::seconds(1'750'000'000)};

TEST(Clearance, ATrainIsDueFromItsCountdownOn) {
  Plan plan;
  plan.baseline_before = minutes(60);
  EXPECT_TRUE(check_time("2026-12", kDeparts, plan, kDeparts - minutes(60)));
  EXPECT_TRUE(check_time("2026-12", kDeparts, plan, kDeparts + minutes(600)));
  const Status early = check_time("2026-12", kDeparts, plan, kDeparts - minutes(60) - Duration(1));
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().kind, ErrorKind::conflict);
  EXPECT_EQ(early.error().message,
            "train 2026-12 departs at 2025-06-15T15:06:40Z; its countdown begins 1h before");
}

TEST(Clearance, WhatHasDepartedOrIsStuckDoesNotSetOutAgain) {
  Ramp ramp;
  ramp.train = "2026-12";
  for (const Phase phase : {Phase::none, Phase::rolled_back, Phase::aborted}) {
    ramp.phase = phase;
    EXPECT_TRUE(check_past(ramp)) << name_of(phase);
  }
  for (const Phase phase : {Phase::departed, Phase::stuck}) {
    ramp.phase = phase;
    EXPECT_EQ(check_past(ramp).error().kind, ErrorKind::conflict) << name_of(phase);
  }
}

TEST(Clearance, TrafficIsKnownToBeOnNoCandidate) {
  Observation seen;
  seen.weight = 0;
  EXPECT_TRUE(check_traffic(seen, "nginx"));
  seen.weight = 5;
  EXPECT_EQ(check_traffic(seen, "nginx").error().kind, ErrorKind::conflict);
  seen.weight.reset();  // written and not loaded, a status that nobody answers: no weight is not weight 0
  EXPECT_EQ(check_traffic(seen, "nginx").error().kind, ErrorKind::unavailable);
  EXPECT_EQ(check_traffic(seen, "nginx").error().message, "nginx cannot tell where the traffic goes now");
}

}  // namespace
}  // namespace signalbox::train::ramp
