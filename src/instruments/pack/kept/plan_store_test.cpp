#include "instruments/pack/kept/plan_store.hpp"

#include <set>

#include <gtest/gtest.h>

#include "core/store/testing.hpp"
#include "instruments/pack/choose/planner.hpp"
#include "instruments/pack/model/fixture.hpp"

namespace signalbox::pack {
namespace {

PlanDocument planned(const std::string& id, int units) {
  const Order order{id, {fixture::item("A", units, fixture::mm(80, 50, 30), 100)}};
  const std::vector<Box> boxes{fixture::box("S", fixture::mm(90, 60, 40)),
                               fixture::box("M", fixture::mm(180, 120, 80))};
  return document_of(order, boxes, {75}, "boxes", plan_order(order, boxes, {}).value());
}

KeptPlan kept(const PlanDocument& document, std::int64_t at_ms) {
  const RulePack rules = rules_on(shipped_rules(), "ups", day_from("2026-03-01").value()).value();
  return kept_plan(document, rules, Account::daily, Time(Duration(at_ms)));
}

TEST(KeptPlan, TheSameBoxesAreOneCombinationWhicheverIsPackedFirst) {
  PlanDocument document = planned("1", 1);
  document.boxes = {fixture::box("S", fixture::mm(90, 60, 40)), fixture::box("M", fixture::mm(180, 120, 80))};
  Package other = document.plan.packages[0];
  document.plan.packages[0].box = 0;
  other.box = 1;
  document.plan.packages.push_back(other);
  EXPECT_EQ(kept(document, 0).boxes, "M, S");
  std::swap(document.plan.packages[0], document.plan.packages[1]);
  EXPECT_EQ(kept(document, 0).boxes, "M, S");
  EXPECT_EQ(kept(document, 0).packages, 2);
}

}  // namespace

class PlansKept : public ::testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (!scratch_.is_available()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
    database_ = scratch_.open();
    ASSERT_TRUE(store::migrate(*database_, kept_migrations()).has_value());
    plans_ = std::make_unique<PlanStore>(*database_);
  }
  void put(const PlanDocument& document, std::int64_t at_ms) {
    ASSERT_TRUE(plans_->put({{kept(document, at_ms), to_json(document).dump()}}).has_value());
  }

  store::testing::ScratchStore scratch_{GetParam()};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<PlanStore> plans_;
};

TEST_P(PlansKept, AreListedByTheirAgeTheirEmptinessAndTheirBill) {
  const PlanDocument few = planned("few", 1);
  const PlanDocument many = planned("many", 12);
  put(few, 1000);
  put(many, 2000);
  using enum PlanStore::Sorting;
  EXPECT_EQ(plans_->list(newest, "", 10).value()[0].order, "many");
  EXPECT_EQ(plans_->list(dearest, "", 10).value()[0].order, "many");
  const auto emptiest_first = plans_->list(emptiest, "", 10).value();
  ASSERT_EQ(emptiest_first.size(), 2u);
  EXPECT_LE(emptiest_first[0].fill, emptiest_first[1].fill);
  EXPECT_EQ(plans_->list(newest, "few", 10).value().size(), 1u);
  EXPECT_EQ(plans_->list(newest, "", 1).value().size(), 1u);
  EXPECT_EQ(plans_->document(few.id).value(), to_json(few).dump());
  EXPECT_EQ(plans_->document("none").error().kind, ErrorKind::not_found);
}

TEST_P(PlansKept, APlanThatIsThereIsReplaced) {
  const PlanDocument few = planned("few", 1);
  put(few, 1000);
  const std::string before = plans_->state().value();
  put(few, 5000);
  EXPECT_NE(plans_->state().value(), before);
  const auto listed = plans_->list(PlanStore::Sorting::newest, "", 10).value();
  ASSERT_EQ(listed.size(), 1u);
  EXPECT_EQ(listed[0].made, Time(Duration(5000)));
}

TEST_P(PlansKept, TheStateChangesEachTimeThoughTheClockStandsStill) {
  std::set<std::string> states{plans_->state().value()};
  for (int units = 1; units <= 5; ++units) {
    put(planned("same order", 1), 1000);
    states.insert(plans_->state().value());
  }
  EXPECT_EQ(states.size(), 6U);
  EXPECT_EQ(plans_->list(PlanStore::Sorting::newest, "", 10).value().size(), 1U);
  EXPECT_EQ(plans_->state().value(), plans_->state().value());
}

TEST_P(PlansKept, TotalsAreTheSumsOfTheList) {
  put(planned("few", 1), 1000);
  put(planned("same", 1), 1500);
  put(planned("many", 12), 2000);
  KeptPlan sum;
  const auto listed = plans_->list(PlanStore::Sorting::newest, "", 10).value();
  for (const KeptPlan& each : listed) {
    sum.packages += each.packages;
    sum.units += each.units;
    sum.billed_lb += each.billed_lb;
    sum.actual_lb += each.actual_lb;
    sum.dim_packages += each.dim_packages;
    sum.board_m2 += each.board_m2;
    sum.fill += each.fill;
  }
  const PlanStore::Totals totals = plans_->totals().value();
  EXPECT_EQ(totals.plans, 3);
  EXPECT_EQ(totals.packages, sum.packages);
  EXPECT_EQ(totals.units, 14);
  EXPECT_EQ(totals.units, sum.units);
  EXPECT_EQ(totals.billed_lb, sum.billed_lb);
  EXPECT_EQ(totals.actual_lb, sum.actual_lb);
  EXPECT_EQ(totals.dim_packages, sum.dim_packages);
  EXPECT_NEAR(totals.board_m2, sum.board_m2, 1e-9);
  EXPECT_NEAR(totals.fill, sum.fill / 3, 1e-9);
  std::int64_t counted = 0;
  for (const std::int64_t each : totals.fills) counted += each;
  EXPECT_EQ(counted, 3);
  ASSERT_FALSE(totals.boxes.empty());
  EXPECT_EQ(totals.boxes[0], (std::pair<std::string, std::int64_t>{"S", 2}));
}

TEST_P(PlansKept, ATargetIsKeptAndReplaced) {
  EXPECT_FALSE(plans_->target().value());
  const std::string before = plans_->state().value();
  ASSERT_TRUE(plans_->set_target({20'000, 11.5, 10}).has_value());
  EXPECT_NE(plans_->state().value(), before);
  ASSERT_TRUE(plans_->set_target({20'454, 11.25, 12.5}).has_value());
  const auto target = plans_->target().value();
  ASSERT_TRUE(target);
  EXPECT_EQ(target->from_day, 20'454);
  EXPECT_EQ(target->baseline_lb, 11.25);
  EXPECT_EQ(target->percent, 12.5);
}

// A plan of the first minute of a day is of that day.
TEST_P(PlansKept, AreCountedFromADayOn) {
  put(planned("before", 1), 20'454 * 86'400'000LL - 1);
  put(planned("on the day", 1), 20'454 * 86'400'000LL);
  put(planned("after", 12), 20'455 * 86'400'000LL);
  const auto [count, pounds] = plans_->since(20'454).value();
  EXPECT_EQ(count, 2);
  EXPECT_EQ(pounds, plans_->list(PlanStore::Sorting::newest, "after", 1).value()[0].billed_lb +
                        plans_->list(PlanStore::Sorting::newest, "on the day", 1).value()[0].billed_lb);
}

TEST_P(PlansKept, ThereAreNoneYet) {
  EXPECT_EQ(plans_->totals().value().plans, 0);
  EXPECT_TRUE(plans_->list(PlanStore::Sorting::newest, "", 10).value().empty());
}

INSTANTIATE_TEST_SUITE_P(Stores, PlansKept,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& tested) { return store::testing::name_of(tested.param); });

}  // namespace signalbox::pack
