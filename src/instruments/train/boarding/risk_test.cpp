#include "instruments/train/boarding/risk.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <gtest/gtest.h>

#include "instruments/train/boarding/readiness.hpp"

namespace signalbox::train {
namespace {

ChangeFacts facts(std::size_t files, std::uint64_t lines, std::uint64_t reverts = 0,
                  const std::string& path = "src/a.cpp") {
  ChangeFacts out;
  for (std::size_t i = 0; i < files; ++i) out.files.push_back({"f" + std::to_string(i), 0, 0});
  out.files.front() = {path, lines, 0};
  out.past_reverts = reverts;
  return out;
}

// The table of docs/commands/train.md.
TEST(RiskEstimate, PointsAreThoseOfTheTable) {
  struct Case {
    ChangeFacts facts;
    std::uint64_t points;
    Risk risk;
  };
  const std::vector<Case> cases = {{facts(1, 49), 0, Risk::low},
                                   {facts(1, 50), 1, Risk::low},
                                   {facts(3, 299), 1, Risk::low},
                                   {facts(4, 299), 2, Risk::low},
                                   {facts(4, 300), 3, Risk::medium},
                                   {facts(16, 999), 4, Risk::medium},
                                   {facts(51, 1000), 6, Risk::high},
                                   {facts(1, 1, 1), 1, Risk::low},
                                   {facts(1, 1, 9), 2, Risk::low},
                                   {facts(1, 1, 0, "db/migrations/1.up.sql"), 3, Risk::medium},
                                   {facts(1, 1, 0, "orders.sql"), 3, Risk::medium},
                                   {facts(1, 300, 1, "migrations/1"), 6, Risk::high}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Estimate estimate = estimate_risk(cases[i].facts, {});
    EXPECT_EQ(estimate.points, cases[i].points) << i;
    EXPECT_EQ(estimate.risk, cases[i].risk) << i;
  }
  RiskPaths paths;
  paths.sensitive = {"src/payments/**"};
  EXPECT_EQ(estimate_risk(facts(1, 1, 0, "src/payments/card/a.cpp"), paths).points, 2U);
}

TEST(RiskEstimate, SaysWhatItCountedAndComesBackFromItsJson) {
  const Estimate estimate = estimate_risk(facts(5, 400, 2, "migrations/1.sql"), {});
  EXPECT_EQ(estimate.reasons, (std::vector<std::string>{
                                  "400 lines changed (2)", "5 files (1)", "a migration: migrations/1.sql (3)",
                                  "2 of the changes to these files before were taken back (2)"}));
  const auto read = read_estimate(*parse_json(to_json(estimate).dump()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(estimate));
  EXPECT_FALSE(read_estimate(*parse_json(R"({"risk":"huge"})")));
  EXPECT_FALSE(read_estimate(Json()));
}

// Each of 300 random changes: more of anything never lowers the estimate.
TEST(RiskEstimate, MoreNeverLooksLess) {
  std::mt19937 random(7);
  for (int i = 0; i < 300; ++i) {
    const std::size_t files = 1 + random() % 60;
    const std::uint64_t lines = random() % 1200;
    const std::uint64_t reverts = random() % 4;
    const std::uint64_t points = estimate_risk(facts(files, lines, reverts), {}).points;
    EXPECT_GE(estimate_risk(facts(files + random() % 20, lines, reverts), {}).points, points);
    EXPECT_GE(estimate_risk(facts(files, lines + random() % 500, reverts), {}).points, points);
    EXPECT_GE(estimate_risk(facts(files, lines, reverts + 1), {}).points, points);
  }
}

// By the sample function of the specification: tests 30, sast 20, obs 15, rollback 20, signoffs 15.
TEST(ReadinessScore, IsTheWeightedSum) {
  EXPECT_EQ(readiness_score({1, 1, 1, 1, 1}), 100);
  EXPECT_EQ(readiness_score({}), 0);
  EXPECT_EQ(readiness_score({1, 0, 0, 0, 0}), 30);
  EXPECT_EQ(readiness_score({0, 1, 0, 0, 0}), 20);
  EXPECT_EQ(readiness_score({0, 0, 1, 0, 0}), 15);
  EXPECT_EQ(readiness_score({0, 0, 0, 1, 0}), 20);
  EXPECT_EQ(readiness_score({0, 0, 0, 0, 1}), 15);
  EXPECT_DOUBLE_EQ(readiness_score({0.5, 1, 0, 0.25, 0}), 40);
}

TEST(ReadinessScore, LiesBetweenNoneAndAllAndGrowsWithEachPart) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> anywhere(-1, 2);
  for (int i = 0; i < 5000; ++i) {
    Readiness readiness{anywhere(random), anywhere(random), anywhere(random), anywhere(random),
                        anywhere(random)};
    const double score = readiness_score(readiness);
    EXPECT_GE(score, 0);
    EXPECT_LE(score, 100);
    for (double Readiness::*part : {&Readiness::tests, &Readiness::security, &Readiness::observability,
                                    &Readiness::rollback, &Readiness::signoffs}) {
      Readiness better = readiness;
      better.*part += 0.1;
      EXPECT_GE(readiness_score(better), score);
      better.*part = std::numeric_limits<double>::quiet_NaN();
      EXPECT_LE(readiness_score(better), score + 1e-9);
    }
  }
}

TEST(ReadinessScore, OfAPassengerFollowsItsChecklistAndApproval) {
  Seat seat;
  EXPECT_EQ(readiness_score(readiness_of(seat)), 0);
  for (const CheckItem item : check_items()) seat.record.checklist[item].state = CheckState::attested;
  EXPECT_DOUBLE_EQ(readiness_score(readiness_of(seat)), 42.5);
  for (const CheckItem item : check_items()) seat.record.checklist[item].state = CheckState::proved;
  EXPECT_DOUBLE_EQ(readiness_score(readiness_of(seat)), 85);
  seat.state = SeatState::aboard;
  EXPECT_DOUBLE_EQ(readiness_score(readiness_of(seat)), 100);
}

}  // namespace
}  // namespace signalbox::train
