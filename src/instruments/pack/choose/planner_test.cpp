// Plans against what is known of an order, each judged by the checker, which shares no code with the packer.
#include "instruments/pack/choose/planner.hpp"

#include <gtest/gtest.h>

#include "instruments/pack/check/checker.hpp"
#include "instruments/pack/choose/bounds.hpp"
#include "instruments/pack/choose/floor.hpp"
#include "instruments/pack/model/fixture.hpp"

namespace signalbox::pack {
namespace {

using fixture::box;
using fixture::item;
using fixture::mm;

std::string first_violation(const Order& order, const std::vector<Box>& boxes, const Plan& plan,
                            Support support) {
  const auto found = check_plan(order, boxes, plan, support);
  return found.empty() ? "" : found[0].message;
}

// Boxes of the plan, or the error's message.
std::string boxes_of_plan(const Order& order, const std::vector<Box>& boxes,
                          const PlanRequest& request = {}) {
  const auto plan = plan_order(order, boxes, request);
  if (!plan) return plan.error().message;
  EXPECT_EQ(first_violation(order, boxes, *plan, request.support), "");
  std::string out;
  for (const Package& package : plan->packages) out += (out.empty() ? "" : " ") + boxes[package.box].sku;
  return out;
}

struct UsersCase {
  const char* where;
  std::int64_t count;
  Size item;
  Size box;
};

// Orders that users of other packers reported as packed wrongly or not at all; each goes into its box.
TEST(UsersCases, GoIn) {
  const UsersCase cases[]{{"py3dbp #6", 27, mm(65, 66, 83), mm(200, 200, 300)},
                          {"py3dbp #6, turned", 3, mm(40, 30, 30), mm(90, 40, 30)},
                          {"BoxPacker #175", 10, mm(35, 35, 5), mm(40, 40, 40)},
                          {"BoxPacker #190", 20, mm(200, 50, 60), mm(200, 250, 250)},
                          {"BoxPacker #268", 60, mm(140, 35, 30), mm(280, 175, 180)},
                          {"py3dbp #1", 8, mm(2, 2, 2), mm(4, 4, 4)}};
  for (const UsersCase& each : cases) {
    const Order order{"1", {item("A", each.count, each.item)}};
    EXPECT_EQ(boxes_of_plan(order, {box("B", each.box)}), "B") << each.where;
  }
}

TEST(UsersCases, ANinthCubeDoesNotGoIn) {
  const Order order{"1", {item("A", 9, mm(2, 2, 2))}};
  EXPECT_EQ(boxes_of_plan(order, {box("B", mm(4, 4, 4))}), "B B");
}

TEST(Planner, TheSmallestBoxThatTakesAllIsTaken) {
  const Order order{"1", {item("A", 2, mm(100, 80, 50))}};
  EXPECT_EQ(boxes_of_plan(
                order, {box("L", mm(300, 300, 300)), box("M", mm(100, 100, 100)), box("S", mm(100, 80, 99))}),
            "M");
}

TEST(Planner, WhatGoesIntoNoBoxIsNamedWithWhatIsMissing) {
  const Order order{"7", {item("long", 1, mm(500, 20, 20)), item("A", 1, mm(10, 10, 10))}};
  EXPECT_EQ(boxes_of_plan(order, {box("S", mm(100, 80, 99)), box("M", mm(480, 90, 15))}),
            "order '7': 'long' is larger than every box; the nearest, 'M', lacks 20 mm along its length and "
            "5 mm along its height");
}

TEST(Planner, HeavyOrdersAreSplitByWeight) {
  Box light = box("B", mm(300, 300, 300));
  light.tare = 100 * kGram;
  light.max_weight = 1100 * kGram;
  // 400 + 600, 500 + 500, 1000: three boxes, exactly full.
  const Order order{"1",
                    {item("a", 1, mm(50, 50, 50), 400), item("b", 1, mm(50, 50, 50), 600),
                     item("c", 2, mm(50, 50, 50), 500), item("d", 1, mm(50, 50, 50), 1000)}};
  EXPECT_EQ(boxes_of_plan(order, {light}), "B B B");
}

TEST(Planner, StockIsNotOverdrawn) {
  Box few = box("S", mm(100, 100, 100));
  few.stock = 1;
  const Order order{"1", {item("A", 2, mm(100, 100, 100))}};
  EXPECT_EQ(boxes_of_plan(order, {few, box("L", mm(100, 100, 150))}), "S L");
  EXPECT_EQ(boxes_of_plan(order, {few}), "order '1': no plan with at most 1000 packages was found");
}

TEST(Planner, NothingLiesOnWhatBearsNothing) {
  Item glass = item("glass", 1, mm(100, 100, 20));
  glass.no_stack = true;
  glass.turns = kThisSideUp;
  const Order order{"1", {glass, item("brick", 1, mm(100, 100, 60))}};
  const auto plan = plan_order(order, std::vector<Box>{box("B", mm(100, 100, 80))}, {});
  ASSERT_TRUE(plan) << plan.error().message;
  ASSERT_EQ(plan->packages.size(), 1U);
  EXPECT_EQ(plan->packages[0].placements[0].item, 1U);  // the brick first, the glass on it
}

TEST(Planner, LoadsAreShared) {
  Item weak = item("weak", 3, mm(100, 100, 50), 1000);
  weak.turns = kThisSideUp;
  weak.max_load = 1000 * kGram;
  const Order order{"1", {weak}};
  // Three on one another would be 2 kg on the lowest: one column holds two.
  EXPECT_EQ(boxes_of_plan(order, {box("column", mm(100, 100, 150))}), "column column");
  EXPECT_EQ(boxes_of_plan(order, {box("wide", mm(200, 100, 150))}), "wide");
}

TEST(Planner, MaxPerBoxSplits) {
  Item hazard = item("battery", 5, mm(10, 10, 10));
  hazard.max_per_box = 2;
  EXPECT_EQ(boxes_of_plan({"1", {hazard}}, {box("B", mm(100, 100, 100))}), "B B B");
}

TEST(Bounds, ABoxIsRefusedByVolumeWeightAndSize) {
  const Order order{"1", {item("A", 9, mm(2, 2, 2)), item("B", 2, mm(3, 3, 3))}};
  EXPECT_EQ(why_not(order, {9, 0}, box("x", mm(4, 4, 4))), "the units have more volume than the box");
  EXPECT_EQ(why_not(order, {8, 0}, box("x", mm(4, 4, 4))), "");
  EXPECT_EQ(why_not(order, {0, 2}, box("x", mm(5, 5, 5))), "two of the units are too large to be in one box");
  EXPECT_EQ(why_not(order, {0, 2}, box("x", mm(5, 6, 5))), "");
  EXPECT_EQ(least_boxes(order, {0, 2}, std::vector<Box>{box("x", mm(5, 5, 5))}), 2);
}

TEST(Planner, TwoSmallParcelsMayBeBilledLessThanOneLargeOne) {
  // UPS 2026: L is 20 x 20 x 20 in, 8000 / 139 = 58 lb; S is 12 x 12 x 12 in, 1728 / 139 = 13 lb. Two cubes
  // of 11 in, 5 lb each: 26 lb in two boxes.
  const auto cube = [](const char* inches) {
    const Length side = parse_length(inches, LengthUnit::in).value();
    return Size{side, side, side};
  };
  Item toy = item("toy", 2, cube("11"));
  toy.weight = 5 * kPound;
  const std::vector<Box> boxes{box("L", cube("20")), box("S", cube("12"))};
  EXPECT_EQ(boxes_of_plan({"1", {toy}}, boxes), "S S");
  PlanRequest billed;
  billed.objective =
      least_billed(rules_on(shipped_rules(), "ups", day_from("2026-03-01").value()).value(), Account::daily);
  // Here one box was no choice: 22 in are needed. In L of 24 in: 13824 / 139 = 100 lb.
  EXPECT_EQ(boxes_of_plan({"1", {toy}}, {box("L", cube("24")), box("S", cube("12"))}), "L");
  EXPECT_EQ(boxes_of_plan({"1", {toy}}, {box("L", cube("24")), box("S", cube("12"))}, billed), "S S");
  billed.max_packages = 1;
  EXPECT_EQ(boxes_of_plan({"1", {toy}}, {box("L", cube("24")), box("S", cube("12"))}, billed), "L");
}

TEST(Bounds, DualFeasibleFunctionsRuleOutStacksThatAreTooHigh) {
  // Sheets of A4 lie on one another in a flat box, whatever room is beside them.
  const Order order{"1", {item("a4", 5, mm(210, 297, 9))}};
  const Box flat = box("flat", mm(364, 374, 40));
  EXPECT_EQ(why_not(order, {5}, flat), "");
  EXPECT_TRUE(ruled_out(order, {5}, flat));
  EXPECT_FALSE(ruled_out(order, {4}, flat));
}

// What a bound rules out is never packed: pieces cut from a box go into it.
TEST(Bounds, NothingThatFitsIsRuledOut) {
  for (int seed = 1; seed <= 200; ++seed) {
    fixture::Draws draw(static_cast<std::uint64_t>(seed) * 65537);
    std::vector<Size> pieces{mm(120, 100, 80)};
    while (pieces.size() < 7) {
      const std::size_t which =
          static_cast<std::size_t>(draw.below(static_cast<std::int64_t>(pieces.size())));
      const std::size_t axis = static_cast<std::size_t>(draw.below(3));
      const Length at = draw.between(1, 9) * pieces[which][axis] / 10;
      if (at < kMillimetre || pieces[which][axis] - at < kMillimetre) continue;
      Size rest = pieces[which];
      rest[axis] -= at;
      pieces[which][axis] = at;
      pieces.push_back(rest);
    }
    Order order{"1", {}};
    for (const Size& size : pieces) order.items.push_back(item("p", 1, size));
    EXPECT_FALSE(ruled_out(order, all_of(order), box("B", mm(120, 100, 80)))) << seed;
    EXPECT_EQ(why_not(order, all_of(order), box("B", mm(120, 100, 80))), "") << seed;
  }
}

// What no plan is below: never over what any plan costs, for orders of several boxes as for those of one.
TEST(CostFloor, IsNeverOverWhatAPlanCosts) {
  const Objective billed =
      least_billed(rules_on(shipped_rules(), "ups", day_from("2026-03-01").value()).value(), Account::daily);
  for (int seed = 1; seed <= 80; ++seed) {
    fixture::Draws draw(static_cast<std::uint64_t>(seed) * 15485863);
    Order order{std::to_string(seed), {}};
    const std::int64_t lines = draw.between(1, 5);
    for (std::int64_t i = 0; i < lines; ++i)
      order.items.push_back(item("sku" + std::to_string(i), draw.between(1, 9),
                                 mm(draw.between(20, 280), draw.between(20, 240), draw.between(5, 190)),
                                 draw.between(10, 4000)));
    std::vector<Box> boxes{box("S", mm(190, 150, 100)), box("M", mm(320, 300, 250)),
                           box("L", mm(500, 400, 300))};
    for (Box& each : boxes) each.tare = draw.between(10, 300) * kGram;
    for (const Objective& objective : {billed, fewest_boxes(), least_volume()}) {
      PlanRequest request;
      request.objective = objective;
      const Plan plan = plan_order(order, boxes, request).value();
      const Cost cost = cost_of(order, boxes, plan, objective);
      const Cost floor = CostFloor(order, boxes, objective)
                             .of(all_of(order), static_cast<std::int64_t>(plan.packages.size()));
      for (std::size_t part = 0; part < cost.parts.size(); ++part)
        EXPECT_LE(floor.parts[part], cost.parts[part]) << seed << ' ' << objective.name << ' ' << part;
    }
  }
}

// Random orders into three boxes: whatever comes out is valid, with each rule of support.
TEST(Planner, PlansOfRandomOrdersAreValid) {
  for (int seed = 1; seed <= 150; ++seed) {
    fixture::Draws draw(static_cast<std::uint64_t>(seed) * 7919);
    Order order{std::to_string(seed), {}};
    const std::int64_t lines = draw.between(1, 6);
    for (std::int64_t i = 0; i < lines; ++i) {
      Item next =
          item("sku" + std::to_string(i), draw.between(1, 5),
               mm(draw.between(20, 180), draw.between(20, 140), draw.between(5, 90)), draw.between(10, 900));
      if (draw.below(3) == 0) next.turns = kThisSideUp;
      if (draw.below(6) == 0) next.no_stack = true;
      if (draw.below(8) == 0) next.bottom_only = true;
      if (draw.below(5) == 0) next.max_load = draw.between(0, 1500) * kGram;
      order.items.push_back(next);
    }
    Box heavy = box("M", mm(220, 200, 150));
    heavy.max_weight = 4000 * kGram;
    const std::vector<Box> boxes{box("S", mm(190, 150, 100)), heavy, box("L", mm(400, 300, 200))};
    PlanRequest request;
    request.support.percent = static_cast<int>(draw.below(3)) * 50;
    EXPECT_FALSE(boxes_of_plan(order, boxes, request).empty()) << seed;
    EXPECT_TRUE(plan_order(order, boxes, request)) << seed;
  }
}

// Freedom is monotone: more turns, one box more, more effort never make a plan worse.
TEST(Planner, FreedomNeverMakesAPlanWorse) {
  for (int seed = 1; seed <= 60; ++seed) {
    fixture::Draws draw(static_cast<std::uint64_t>(seed) * 104729);
    Order upright{std::to_string(seed), {}};
    const std::int64_t lines = draw.between(1, 5);
    for (std::int64_t i = 0; i < lines; ++i) {
      Item next = item("sku" + std::to_string(i), draw.between(1, 4),
                       mm(draw.between(20, 180), draw.between(20, 140), draw.between(5, 90)));
      next.turns = kThisSideUp;
      upright.items.push_back(next);
    }
    Order free = upright;
    for (Item& each : free.items) each.turns = kAnyTurn;
    const std::vector<Box> three{box("S", mm(190, 150, 100)), box("M", mm(260, 220, 150)),
                                 box("L", mm(400, 300, 200))};
    std::vector<Box> four = three;
    four.push_back(box("XS", mm(150, 120, 80)));
    PlanRequest fast;
    fast.effort = 1;
    PlanRequest best;
    const auto cost = [](const Order& order, const std::vector<Box>& boxes, const PlanRequest& request) {
      return cost_of(order, boxes, plan_order(order, boxes, request).value(), request.objective);
    };
    EXPECT_LE(cost(free, three, best), cost(upright, three, best)) << seed;
    EXPECT_LE(cost(upright, four, best), cost(upright, three, best)) << seed;
    EXPECT_LE(cost(upright, three, best), cost(upright, three, fast)) << seed;
  }
}

}  // namespace
}  // namespace signalbox::pack
