// Experiments beside sums worked out by hand, key figures of a history small enough to count, returns of the
// seed's example. tests/e2e/pack_measures_test.sh holds experiments beside R.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "instruments/pack/measure/experiment.hpp"
#include "instruments/pack/measure/kpi.hpp"
#include "instruments/pack/measure/roi.hpp"
#include "instruments/pack/model/fixture.hpp"

namespace signalbox::pack {
namespace {

TEST(Schedule, EachPairOfDaysHasBothArmsAndTheSeedSaysWhich) {
  const Day from = day_from("2026-03-02").value();
  const auto schedule = shift_schedule({"A", "B"}, {"early", "late"}, from, 14, 7);
  ASSERT_EQ(schedule.size(), 2U * 2 * 14);
  for (std::size_t i = 0; i < schedule.size(); i += 2) {
    EXPECT_NE(schedule[i].arm, schedule[i + 1].arm);
    EXPECT_EQ(schedule[i].station, schedule[i + 1].station);
  }
  const auto arms = [](const std::vector<PlannedShift>& of) {
    std::string out;
    for (const PlannedShift& each : of) out += each.arm == Arm::treatment ? 't' : 'c';
    return out;
  };
  EXPECT_EQ(arms(schedule), arms(shift_schedule({"A", "B"}, {"early", "late"}, from, 14, 7)));
  EXPECT_NE(arms(schedule), arms(shift_schedule({"A", "B"}, {"early", "late"}, from, 14, 8)));
  // Both first days occur: it is drawn, not fixed.
  EXPECT_NE(arms(schedule).find("tcct"), std::string::npos);
}

// Four shifts, one parcel each, one stratum: 10, 12 and 7, 9. The difference is -3; worked out by hand, the
// scores of the clusters are +-0.5, so their squares sum to 1; 1 / 1² * 4/3 * 3/2 = 2.
TEST(Effect, OfFourShiftsIsThatWorkedOutByHand) {
  const std::vector<Observation> all{{"a", "s", Arm::control, 10},
                                     {"b", "s", Arm::control, 12},
                                     {"c", "s", Arm::treatment, 7},
                                     {"d", "s", Arm::treatment, 9}};
  const Effect effect = effect_of(all, 0.95).value();
  EXPECT_DOUBLE_EQ(effect.difference, -3);
  EXPECT_DOUBLE_EQ(effect.standard_error, std::sqrt(2.0));
  EXPECT_EQ(effect.freedom, 3);
  EXPECT_NEAR(effect.interval.upper, -3 + 3.18244630528371 * std::sqrt(2.0), 1e-9);  // qt(0.975, 3)
  EXPECT_DOUBLE_EQ(effect.control_mean, 11);
}

TEST(Effect, ParcelsAreHeldBesideThoseOfTheSameCarrierAndZone) {
  // Treatment ships to the dear zone more often: the plain means say that it costs more, within each zone it
  // costs one less.
  std::vector<Observation> all;
  for (int i = 0; i < 40; ++i) {
    const std::string shift = std::to_string(i % 4);
    all.push_back({"c" + shift, i % 4 == 0 ? "far" : "near", Arm::control, i % 4 == 0 ? 21.0 : 11.0});
    all.push_back({"t" + shift, i % 4 != 0 ? "far" : "near", Arm::treatment, i % 4 != 0 ? 20.0 : 10.0});
  }
  all.push_back({"c0", "abroad", Arm::control, 500});
  const Effect effect = effect_of(all, 0.95).value();
  EXPECT_NEAR(effect.difference, -1, 1e-12);
  EXPECT_EQ(effect.left_out, 1U);
}

TEST(Effect, AShiftInBothArmsIsRefused) {
  const std::vector<Observation> all{{"a", "s", Arm::control, 1}, {"a", "s", Arm::treatment, 1}};
  EXPECT_FALSE(effect_of(all, 0.95));
  const std::vector<Observation> few{{"a", "s", Arm::control, 1}, {"b", "s", Arm::treatment, 1}};
  EXPECT_FALSE(effect_of(few, 0.95));
}

// O'Brien and Fleming's boundaries of two and five looks, as spent by Lan and DeMets' function at 0.05.
TEST(Looks, SpendAsTheFunctionSays) {
  EXPECT_NEAR(alpha_of_look(0.05, 1, 2), 0.0055745, 1e-6);
  double sum = 0;
  for (int look = 1; look <= 5; ++look) sum += alpha_of_look(0.05, look, 5);
  EXPECT_NEAR(sum, 0.05, 1e-12);
  EXPECT_LT(alpha_of_look(0.05, 1, 5), 0.0001);
}

// The conditional test worked out by hand; tests/e2e/pack_measures_test.sh holds it beside R.
TEST(NonInferiority, IsTheConditionalTest) {
  EXPECT_EQ(non_inferiority_p(0, 1000, 0, 1000, 1.25), 1);
  // By hand: of one damaged, none new: 1 - share; share = 1.25 / 2.25.
  EXPECT_NEAR(non_inferiority_p(0, 1000, 1, 1000, 1.25), 1 / 2.25, 1e-12);
  // Of three, at most one new: q³ + 3 q² p.
  const double p = 1.5 / 2.5;
  const double q = 1 - p;
  EXPECT_NEAR(non_inferiority_p(1, 500, 2, 500, 1.5), q * q * q + 3 * q * q * p, 1e-12);
}

TEST(Roi, TheSeedsExampleIsTwoHundredAndTwentyFiveThousand) {
  Investment it{"", {100'000, 100'000}, {1.5, 1.5}, {1.5, 1.5}, {150'000, 150'000}, {}, {}};
  EXPECT_DOUBLE_EQ(return_of(it).freight.low, 225'000);
  EXPECT_DOUBLE_EQ(*return_of(it).payback, 8);
  it.pounds_saved = range_from("1.2..1.8").value();
  it.labour = range_from("-10000..200000").value();
  const Return out = return_of(it);
  EXPECT_DOUBLE_EQ(out.freight.low, 180'000);
  EXPECT_DOUBLE_EQ(out.freight.high, 270'000);
  EXPECT_DOUBLE_EQ(out.net.low, -20'000);
  EXPECT_DOUBLE_EQ(out.net.high, 280'000);
  EXPECT_FALSE(out.payback_high);  // at worst never
  EXPECT_FALSE(range_from("1.8..1.2"));
  EXPECT_FALSE(range_from("much"));
  EXPECT_FALSE(range_from("nan"));
}

// Worst is the corner of the ranges that loses most, as enumerating all of them shows.
TEST(Roi, RangesAcrossZeroAreTheirWorstAndBestCorners) {
  Investment it{"", {1, 2}, {-1, 1}, {1, 3}, {}, {}, {}};
  for (const Range pounds : {Range{-1, 1}, Range{-2, -1}, Range{1, 2}}) {
    it.pounds_saved = pounds;
    double low = INFINITY;
    double high = -INFINITY;
    for (const double n : {it.shipments.low, it.shipments.high})
      for (const double saved : {pounds.low, pounds.high})
        for (const double cost : {it.cost_per_pound.low, it.cost_per_pound.high}) {
          low = std::min(low, n * saved * cost);
          high = std::max(high, n * saved * cost);
        }
    EXPECT_EQ(return_of(it).freight.low, low);
    EXPECT_EQ(return_of(it).freight.high, high);
  }
}

TEST(Roi, WhatLosesMoneyEachYearNeverPaysThoughItCostNothing) {
  const Investment losing{"", {100, 100}, {1, 1}, {1, 1}, {}, {}, {500, 500}};
  EXPECT_FALSE(return_of(losing).payback);
  const Investment saving{"", {100, 100}, {1, 1}, {1, 1}, {}, {}, {}};
  EXPECT_EQ(return_of(saving).payback, 0);
}

TEST(Roi, FewerThanNoShipmentsAreRefused) {
  const auto read = read_investments("name,shipments,pounds_saved,cost_per_pound\na,-5..5,1,1\n", "i.csv");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message, "i.csv:2:2: '-5..5' is below 0");
}

// One unit of 5 in in a box of 10 in, and two in one of 10 x 10 x 5.
PlanDocument cubes(const std::string& order, int units) {
  PlanDocument out;
  out.order.id = order;
  out.order.items.push_back(fixture::item("cube", units, {5 * kInch, 5 * kInch, 5 * kInch}));
  out.order.items[0].weight = kPound;
  out.boxes.push_back(
      fixture::box(units == 1 ? "L" : "S", {10 * kInch, 10 * kInch, (units == 1 ? 10 : 5) * kInch}));
  Package package;
  for (int i = 0; i < units; ++i)
    package.placements.push_back({0, 0, {i * 5 * kInch, 0, 0}, {5 * kInch, 5 * kInch, 5 * kInch}});
  out.plan.packages.push_back(package);
  return out;
}

TEST(Kpi, AreTheSumsOfASmallHistory) {
  const std::vector<PlanDocument> plans{cubes("1", 1), cubes("2", 2), cubes("3", 2)};
  const auto packed = read_packed(
      "order,day,station,box,reason,damaged,returned,invoiced_lb,cost\n"
      "1,2026-03-02,A,L,,no,no,8,10\n2,2026-03-03,A,S,,yes,no,5,12\n3,2026-03-08,B,L,torn,no,yes,8,9.50\n"
      "9,2026-03-08,B,L,,,,,\n",
      "packed.csv");
  ASSERT_TRUE(packed) << packed.error().message;
  const std::vector<Box> boxes{plans[0].boxes[0]};
  const KpiAnswer weeks =
      key_figures(*packed, plans, boxes, shipped_rules(), "ups", Account::daily, Period::week, By::nothing)
          .value();
  EXPECT_EQ(weeks.unknown, 1U);
  ASSERT_EQ(weeks.rows.size(), 1U);  // 2026-03-02 is a Monday, -08 the Sunday after
  const auto& [key, all] = *weeks.rows.begin();
  EXPECT_EQ(key.first, "2026-03-02");
  EXPECT_EQ(all.parcels, 3);
  EXPECT_EQ(all.orders, 3);
  EXPECT_EQ(all.units, 5);
  EXPECT_NEAR(all.cube_order_avg().value(), (0.125 + 0.5 + 0.5) / 3, 1e-12);
  EXPECT_NEAR(all.cube_by_volume().value(), 625.0 / 2500, 1e-12);  // the third order was packed into L
  EXPECT_EQ(all.billed_lb, 8 + 4 + 8);                             // 1000 and 500 cubic inches by 139
  EXPECT_NEAR(all.actual_lb, 5, 1e-12);
  EXPECT_EQ(all.dim_parcels, 3);
  EXPECT_EQ(all.as_recommended, 2);
  EXPECT_EQ(all.without_reason, 0);
  EXPECT_EQ(all.damaged, 1);
  EXPECT_EQ(all.returned, 1);
  EXPECT_EQ(all.adjusted, 1);  // 5 lb for 4
  EXPECT_EQ(all.cost, 31'500'000);
  const KpiAnswer stations =
      key_figures(*packed, plans, boxes, shipped_rules(), "ups", Account::daily, Period::day, By::station)
          .value();
  EXPECT_EQ(stations.rows.size(), 3U);
}

// The seed's average of lines is not the average of orders, where an order has more than one line.
TEST(Kpi, TheMeanOfLinesIsNotThatOfOrders) {
  PlanDocument two = cubes("1", 2);
  two.order.items.push_back(two.order.items[0]);
  two.order.items[0].quantity = two.order.items[1].quantity = 1;
  two.plan.packages[0].placements[1].item = 1;
  const auto packed = read_packed("order,day,box\n1,2026-03-02,S\n", "p.csv");
  const KpiAnswer answer = key_figures(*packed, std::vector<PlanDocument>{two}, {}, shipped_rules(), "ups",
                                       Account::daily, Period::all, By::nothing)
                               .value();
  EXPECT_NEAR(answer.rows.begin()->second.cube_order_avg().value(), 0.5, 1e-12);
  EXPECT_NEAR(answer.rows.begin()->second.line_avg().value(), 0.25, 1e-12);
}

// A file that says nothing of damage does not say that there was none.
TEST(Kpi, WhatTheFileDoesNotSayIsNotNought) {
  const std::vector<PlanDocument> plans{cubes("1", 1)};
  const auto packed = read_packed("order,day,box,returned\n1,2026-03-02,mystery,\n", "p.csv");
  ASSERT_TRUE(packed) << packed.error().message;
  const KpiAnswer answer =
      key_figures(*packed, plans, {}, shipped_rules(), "ups", Account::daily, Period::all, By::nothing)
          .value();
  const KeyFigures& it = answer.rows.begin()->second;
  EXPECT_EQ(it.damage_told, 0);
  EXPECT_EQ(it.return_told, 1);  // there, and empty: no
  EXPECT_EQ(it.returned, 0);
  EXPECT_EQ(answer.unknown_boxes, 1U);
  EXPECT_EQ(it.as_recommended, 0);
  EXPECT_FALSE(KeyFigures::over(it.adjusted, it.invoiced));
}

// What was weighed is billed and counted, and what was timed is the mean of the parcels that were.
TEST(Kpi, WeighedAndTimedParcelsCountAsTheyWere) {
  const std::vector<PlanDocument> plans{cubes("1", 1), cubes("2", 1)};
  const auto packed =
      read_packed("order,day,box,weight,seconds\n1,2026-03-02,L,30.5lb,90\n2,2026-03-02,L,,\n", "p.csv");
  ASSERT_TRUE(packed) << packed.error().message;
  const KeyFigures it =
      key_figures(*packed, plans, {}, shipped_rules(), "ups", Account::daily, Period::all, By::nothing)
          .value()
          .rows.begin()
          ->second;
  const double planned_lb = as_number(plans[1].order.items[0].weight, MassUnit::lb);
  EXPECT_NEAR(it.actual_lb, 30.5 + planned_lb, 1e-9);
  EXPECT_EQ(it.billed_lb, 31 + 8);  // 30.5 lb up; 1000 cubic inches by 139
  EXPECT_EQ(it.timed, 1);
  EXPECT_NEAR(it.seconds, 90, 1e-12);
}

TEST(Packed, BadFilesAreRefusedWithThePlace) {
  const auto why = [](const char* text) {
    const auto read = read_packed(text, "p.csv");
    return read ? "read" : read.error().message;
  };
  EXPECT_EQ(why("order,day\n1,2026-03-02\n"), "p.csv: the column 'box' is missing");
  EXPECT_EQ(why("order,day,box\n"), "p.csv: no parcel in it");
  EXPECT_NE(why("order,day,box\n1,soon,S\n"), "read");
  EXPECT_EQ(why("order,day,box\n1,2026-03-02,\n"), "p.csv:2:3: which box was taken?");
  EXPECT_NE(why("order,day,box,damaged\n1,2026-03-02,S,perhaps\n"), "read");
  EXPECT_NE(why("order,day,box,package\n1,2026-03-02,S,0\n"), "read");
  EXPECT_NE(why("order,day,box,weight\n1,2026-03-02,S,3\n"), "read");
  EXPECT_NE(why("order,day,box,seconds\n1,2026-03-02,S,-3\n"), "read");
  const auto arm = read_observations("day,shift,arm,cost\n2026-03-02,early,both,3\n", "r.csv");
  ASSERT_FALSE(arm);
  EXPECT_EQ(arm.error().message, "r.csv:2:3: an arm is control or treatment");
}

}  // namespace
}  // namespace signalbox::pack
