#include "instruments/pack/measure/batch_evidence.hpp"

#include <gtest/gtest.h>

#include "core/gates/documented_conditions.hpp"

namespace signalbox::pack {
namespace {

// R: t.test(c(2, 0, 3, 1, 4)), the differences: 0.0367568 and 3.9632432.
TEST(BatchEvidence, TheIntervalIsThatOfAPairedTTest) {
  const auto interval = saving_interval({{10, 8}, {7, 7}, {12, 9}, {6, 5}, {20, 16}}, 0.95).value();
  EXPECT_NEAR(interval.lower, 2 - 2.776445105197793 * std::sqrt(0.5), 1e-9);
  EXPECT_NEAR(interval.upper, 2 + 2.776445105197793 * std::sqrt(0.5), 1e-9);
  EXPECT_FALSE(saving_interval({{10, 8}}, 0.95));
}

BatchEvidence evidence(std::vector<BilledTwice> baseline) {
  BatchEvidence out;
  out.orders = 120;
  out.proven = 119;
  out.boxes = 121;
  out.cube_util = 0.62;
  out.dim_penetration = 0.4;
  out.billed_ratio = 1.4;
  out.billed_lb = 900;
  out.baseline = std::move(baseline);
  out.objective = "billed:ups-2026-01-26";
  out.support = "area:75";
  out.rules = "ups-2026-01-26";
  out.rules_on = "2026-03-02";
  out.orders_digest = out.boxes_digest = std::string(64, 'a');
  return out;
}

Json input(const BatchEvidence& of) {
  const Json predicate = predicate_of(of, "1");
  return Json::object({{"predicate", predicate}, {"statement", Json::object({{"predicate", predicate}})}});
}

// The conditions of docs/pack_gates.md: each is yes of a good batch, no of a bad one, and an error where the
// evidence says nothing of it.
TEST(PackGates, EveryConditionOfThePageTellsGoodFromBad) {
  std::vector<BilledTwice> saves;
  std::vector<BilledTwice> wastes;
  for (int i = 0; i < 120; ++i) {
    saves.push_back({10 + i % 3, 8});
    wastes.push_back({10, 10 + i % 2});
  }
  BatchEvidence bad = evidence(wastes);
  bad.orders = 40;
  bad.without_plan = 1;
  bad.unverified = 1;
  bad.proven = 10;
  bad.cube_util = 0.3;
  bad.rules = "ups-2025-08-18";
  EXPECT_EQ(gates::try_documented_conditions("docs/pack_gates.md", input(evidence(saves)), input(bad)), 6);
}

TEST(PackGates, WithoutABaselineNoSavingIsSaid) {
  BatchEvidence of = evidence({});
  of.baseline.reset();
  EXPECT_TRUE(predicate_of(of, "1")["saving"].is_null());
}

}  // namespace
}  // namespace signalbox::pack
