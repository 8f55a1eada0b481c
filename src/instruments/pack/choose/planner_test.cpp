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

// Random orders that go into one box, into several, and that are heavy.
struct RandomCase {
  Order order;
  std::vector<Box> boxes;
  Box more;
};
RandomCase random_case(int seed) {
  fixture::Draws draw(static_cast<std::uint64_t>(seed) * 104729);
  RandomCase out;
  out.order.id = std::to_string(seed);
  const std::int64_t lines = draw.between(1, 5);
  for (std::int64_t i = 0; i < lines; ++i) {
    Item next =
        item("sku" + std::to_string(i), draw.between(1, seed % 3 == 0 ? 12 : 4),
             mm(draw.between(20, 180), draw.between(20, 140), draw.between(5, 90)), draw.between(10, 2500));
    next.turns = kThisSideUp;
    out.order.items.push_back(next);
  }
  out.boxes = {box("S", mm(190, 150, 100)), box("M", mm(260, 220, 150)), box("L", mm(400, 300, 200))};
  if (seed % 2 == 0)
    for (Box& each : out.boxes) each.max_weight = 9000 * kGram;
  out.more = box("new", mm(draw.between(100, 420), draw.between(100, 320), draw.between(60, 260)));
  out.more.tare = draw.between(0, 200) * kGram;
  return out;
}

std::vector<Objective> all_objectives() {
  return {
      fewest_boxes(), least_volume(),
      least_billed(rules_on(shipped_rules(), "ups", day_from("2026-03-01").value()).value(), Account::daily)};
}

Cost cost_with(const Order& order, const std::vector<Box>& boxes, const PlanRequest& request) {
  return cost_of(order, boxes, plan_order(order, boxes, request).value(), request.objective);
}

// Freedom is monotone, by construction: what is tried with the boxes that there were is tried with one more.
TEST(Freedom, OneBoxMoreNeverMakesAPlanWorse) {
  for (int seed = 1; seed <= 60; ++seed) {
    const RandomCase drawn = random_case(seed);
    std::vector<Box> with = drawn.boxes;
    with.insert(with.begin() + seed % 4, drawn.more);
    for (const Objective& objective : all_objectives())
      for (const std::size_t effort : {1U, 300U}) {
        PlanRequest request;
        request.objective = objective;
        request.effort = effort;
        EXPECT_LE(cost_with(drawn.order, with, request), cost_with(drawn.order, drawn.boxes, request))
            << seed << ' ' << objective.name << ' ' << effort;
      }
  }
}

TEST(Freedom, MoreEffortNeverMakesAPlanWorse) {
  for (int seed = 1; seed <= 30; ++seed) {
    const RandomCase drawn = random_case(seed);
    for (const Objective& objective : all_objectives()) {
      PlanRequest request;
      request.objective = objective;
      Cost before;
      for (const std::size_t effort : {1U, 300U, 5000U}) {
        request.effort = effort;
        const Cost cost = cost_with(drawn.order, drawn.boxes, request);
        if (effort > 1) EXPECT_LE(cost, before) << seed << ' ' << objective.name << ' ' << effort;
        before = cost;
      }
    }
  }
}

// Whatever the clock cuts off, it cuts off the end of what would have been tried.
TEST(Freedom, MoreTimeNeverMakesAPlanWorse) {
  for (int seed = 1; seed <= 40; ++seed) {
    const RandomCase drawn = random_case(seed);
    PlanRequest request;
    request.objective = all_objectives()[2];
    request.effort = 300;
    const Cost without_limit = cost_with(drawn.order, drawn.boxes, request);
    request.effort = 1;
    const Cost quick = cost_with(drawn.order, drawn.boxes, request);
    request.effort = 300;
    for (const int limit_ms : {1, 3, 9}) {
      request.time = std::chrono::milliseconds(limit_ms);
      const Cost cost = cost_with(drawn.order, drawn.boxes, request);
      EXPECT_LE(without_limit, cost) << seed << ' ' << limit_ms;
      EXPECT_LE(cost, quick) << seed << ' ' << limit_ms;
    }
  }
}

// With the widest search what is less free is searched too.
TEST(Freedom, MoreTurnsOfAllLinesNeverMakeAPlanWorse) {
  for (int seed = 1; seed <= 25; ++seed) {
    const RandomCase drawn = random_case(seed);
    Order fixed = drawn.order;
    Order free = drawn.order;
    for (Item& each : fixed.items) each.turns = kAsMeasured;
    for (Item& each : free.items) each.turns = kAnyTurn;
    for (const Objective& objective : all_objectives()) {
      PlanRequest request;
      request.objective = objective;
      request.effort = kExhaustive;
      const Cost upright = cost_with(drawn.order, drawn.boxes, request);
      EXPECT_LE(cost_with(free, drawn.boxes, request), upright) << seed << ' ' << objective.name;
      EXPECT_LE(upright, cost_with(fixed, drawn.boxes, request)) << seed << ' ' << objective.name;
    }
  }
}

// A plan that is known stays where nothing cheaper is found, whatever freedom was given: turns of one line,
// boxes.
TEST(Freedom, APlanThatIsKnownIsNeverLost) {
  for (int seed = 1; seed <= 60; ++seed) {
    const RandomCase drawn = random_case(seed);
    PlanRequest request;
    request.objective = all_objectives()[static_cast<std::size_t>(seed) % 3];
    request.effort = 300;
    const Plan known = plan_order(drawn.order, drawn.boxes, request).value();
    const Cost before = cost_of(drawn.order, drawn.boxes, known, request.objective);
    Order free = drawn.order;
    free.items[static_cast<std::size_t>(seed) % free.items.size()].turns = kAnyTurn;
    std::vector<Box> with = drawn.boxes;
    with.push_back(drawn.more);
    request.start = known;
    request.effort = 1;  // even where less is searched than was
    EXPECT_LE(cost_with(free, with, request), before) << seed;
    // What is not valid any more is no start.
    request.start->packages.pop_back();
    EXPECT_TRUE(plan_order(free, with, request)) << seed;
  }
}

// Who ships: what a supplier ships shares no box with what the house does, and boxes are where they are.
TEST(Sources, ShareNoBox) {
  Order order{"1",
              {item("ours", 2, mm(50, 50, 50)), item("theirs", 1, mm(50, 50, 50)),
               item("ours too", 1, mm(40, 40, 40))}};
  order.items[1].source = "supplier";
  EXPECT_EQ(boxes_of_plan(order, {box("B", mm(200, 200, 200))}), "B B");
  Box at_house = box("house", mm(200, 200, 200));
  at_house.source = "elsewhere";
  EXPECT_EQ(boxes_of_plan(order, {box("B", mm(200, 200, 200)), at_house}), "B B");
  at_house.source = "supplier";
  EXPECT_EQ(boxes_of_plan(order, {box("B", mm(300, 200, 200)), at_house}), "B house");
  EXPECT_EQ(boxes_of_plan(order, {at_house}),
            "order '1': no box may have 'ours': none is where it is shipped from; no box may have 'ours "
            "too': none is "
            "where it is shipped from");
  // Stock is of both together.
  Box few = box("B", mm(200, 200, 200));
  few.stock = 1;
  EXPECT_EQ(boxes_of_plan(order, {few, box("L", mm(400, 300, 300))}), "B L");
}

TEST(Returnable, ThingsThatWantThatGoIntoReturnableBoxesAlone) {
  Order order{"1", {item("tool", 1, mm(100, 80, 50)), item("book", 1, mm(100, 80, 20))}};
  order.items[0].returnable_only = true;
  Box crate = box("crate", mm(300, 300, 300));
  crate.returnable = true;
  const Box carton = box("carton", mm(120, 100, 80));
  // Both in the crate: one box; the book alone would be in the carton.
  EXPECT_EQ(boxes_of_plan(order, {carton, crate}), "crate");
  EXPECT_EQ(boxes_of_plan(order, {carton}),
            "order '1': no box may have 'tool': it goes into returnable ones alone");
  // Where they do not go in together, the book goes into the smaller box.
  order.items[1].size = mm(100, 80, 110);
  crate.inner = crate.outer = mm(100, 80, 150);
  const std::string both = boxes_of_plan(order, {box("carton", mm(110, 100, 85)), crate});
  EXPECT_TRUE(both == "crate carton" || both == "carton crate") << both;
}

}  // namespace
}  // namespace signalbox::pack
