#include <algorithm>
#include <functional>

#include <gtest/gtest.h>

#include "instruments/pack/check/checker.hpp"
#include "instruments/pack/choose/planner.hpp"
#include "instruments/pack/model/fixture.hpp"
#include "instruments/pack/solve/grid_fixture.hpp"

namespace signalbox::pack {
namespace {

// What the cheapest plan costs, without support, by every way of dealing units out, every box for each share,
// and every place of a grid for each unit.
class Cheapest {
 public:
  Cheapest(const Order& order, const std::vector<Box>& boxes, const Objective& objective)
      : boxes_(boxes), objective_(objective) {
    for (const Item& item : order.items)
      for (std::int64_t i = 0; i < item.quantity; ++i) units_.push_back(item);
  }

  Cost cost() {
    best_ = Cost{{INT64_MAX / 4, 0, 0, 0}};
    std::vector<std::vector<std::size_t>> shares;
    deal(0, shares);
    return best_;
  }

 private:
  void deal(std::size_t unit, std::vector<std::vector<std::size_t>>& shares) {
    if (unit == units_.size()) {
      Cost cost;
      for (const auto& share : shares) cost += cost_of(share);
      best_ = std::min(best_, cost);
      return;
    }
    for (std::size_t i = 0; i <= shares.size(); ++i) {
      if (i == shares.size()) {
        shares.push_back({unit});
        deal(unit + 1, shares);
        shares.pop_back();
        return;
      }
      shares[i].push_back(unit);
      deal(unit + 1, shares);
      shares[i].pop_back();
    }
  }

  Cost cost_of(const std::vector<std::size_t>& share) {
    if (const auto known = known_.find(share); known != known_.end()) return known->second;
    Cost out{{INT64_MAX / 64, 0, 0, 0}};
    Mass weight = 0;
    for (const std::size_t unit : share) weight += units_[unit].weight;
    for (const Box& box : boxes_) {
      const Cost cost = objective_.price(box, weight);
      if (cost < out && takes(box, share)) out = cost;
    }
    known_.emplace(share, out);
    return out;
  }

  bool takes(const Box& box, const std::vector<std::size_t>& share) const {
    const auto extent = [](const Size& size) {
      Extent out{};
      for (std::size_t axis = 0; axis < 3; ++axis)
        out[axis] = static_cast<std::int32_t>(size[axis] / kMillimetre);
      return out;
    };
    std::vector<CargoType> pieces;
    double volume = 0;
    for (const std::size_t unit : share) {
      CargoType piece;
      piece.size = extent(units_[unit].size);
      piece.turns = units_[unit].turns;
      volume += volume_of(piece.size);
      pieces.push_back(piece);
    }
    return volume <= volume_of(extent(box.inner)) && fixture::Grid(extent(box.inner)).takes(pieces);
  }

  std::vector<Item> units_;
  const std::vector<Box>& boxes_;
  const Objective& objective_;
  std::map<std::vector<std::size_t>, Cost> known_;
  Cost best_;
};

Order small_order(fixture::Draws& draws, int units) {
  Order out{"small", {}};
  for (int left = units; left > 0;) {
    const std::int64_t count = std::min<std::int64_t>(left, draws.between(1, 2));
    Item item = fixture::item("s" + std::to_string(left), count,
                              fixture::mm(draws.between(1, 3), draws.between(1, 3), draws.between(1, 2)),
                              draws.between(1, 900));
    if (draws.below(3) == 0) item.turns = kThisSideUp;
    out.items.push_back(item);
    left -= static_cast<int>(count);
  }
  return out;
}

const std::vector<Box>& small_boxes() {
  static const std::vector<Box> boxes{
      fixture::box("S", fixture::mm(3, 2, 2)), fixture::box("M", fixture::mm(3, 3, 3)),
      fixture::box("flat", fixture::mm(4, 4, 1)), fixture::box("L", fixture::mm(4, 3, 3))};
  return boxes;
}

// 100 orders: what is called optimal costs what the cheapest of all plans costs, nothing costs less, and
// nearly all is optimal.
TEST(EveryWay, WhatIsCalledOptimalIsTheCheapestOfAllPlans) {
  fixture::Draws draws(23);
  int optimal = 0;
  constexpr int kOrders = 100;
  for (int round = 0; round < kOrders; ++round) {
    const Order order = small_order(draws, static_cast<int>(draws.between(2, 4)));
    PlanRequest request;
    request.support = {0};
    request.objective = round % 2 == 0 ? least_volume() : fewest_boxes();
    const Plan plan = plan_order(order, small_boxes(), request).value();
    const Cost cost = cost_of(order, small_boxes(), plan, request.objective);
    const Cost least = Cheapest(order, small_boxes(), request.objective).cost();
    EXPECT_GE(cost, least) << "round " << round;
    if (plan.proof != Proof::optimal) continue;
    ++optimal;
    EXPECT_EQ(cost, least) << "round " << round;
  }
  EXPECT_GE(optimal, kOrders * 95 / 100);
}

// With support asked for nothing is cheaper than without, and what is called optimal stays so with another
// box.
TEST(EveryWay, SupportAndMoreBoxesKeepTheirPromises) {
  fixture::Draws draws(5);
  for (int round = 0; round < 60; ++round) {
    const Order order = small_order(draws, static_cast<int>(draws.between(3, 8)));
    PlanRequest request;
    request.objective = least_volume();
    const std::vector<Box> fewer(small_boxes().begin() + 1, small_boxes().end());
    const Plan with_fewer = plan_order(order, fewer, request).value();
    const Plan with_all = plan_order(order, small_boxes(), request).value();
    const Cost all = cost_of(order, small_boxes(), with_all, request.objective);
    EXPECT_LE(all, cost_of(order, fewer, with_fewer, request.objective)) << "round " << round;
    request.support = {0};
    EXPECT_LE(
        cost_of(order, small_boxes(), plan_order(order, small_boxes(), request).value(), request.objective),
        all)
        << "round " << round;
  }
}

// Stock and the number of packages are kept; where the cheapest way breaks them, nothing is called optimal.
TEST(EveryWay, StockAndTheNumberOfPackagesAreKept) {
  const Order order{"1", {fixture::item("A", 3, fixture::mm(3, 2, 2))}};
  std::vector<Box> boxes{small_boxes()[0], small_boxes()[3]};
  boxes[0].stock = 1;
  PlanRequest request;
  request.objective = least_volume();
  const Plan plan = plan_order(order, boxes, request).value();
  EXPECT_TRUE(check_plan(order, boxes, plan, request.support).empty());
  EXPECT_EQ(plan.proof, Proof::bounded);
  request.max_packages = 1;
  EXPECT_FALSE(plan_order(order, {small_boxes().data(), 1}, request));
}

// Whatever rule is asked for, the judge finds plans valid by it; and by no rule a plan costs less than by
// none.
TEST(SupportRules, EachIsKeptAndNoneIsCheaperThanFloating) {
  fixture::Draws draws(31);
  const std::vector<Box> boxes{fixture::box("S", fixture::mm(120, 90, 80)),
                               fixture::box("M", fixture::mm(200, 150, 120)),
                               fixture::box("L", fixture::mm(320, 240, 200))};
  int stacked = 0;
  for (int round = 0; round < 60; ++round) {
    Order order{"o", {}};
    for (std::int64_t line = draws.between(1, 5); line > 0; --line)
      order.items.push_back(
          fixture::item("s" + std::to_string(line), draws.between(1, 6),
                        fixture::mm(draws.between(20, 110), draws.between(20, 80), draws.between(10, 70)),
                        draws.between(1, 3000)));
    PlanRequest request;
    request.objective = least_volume();
    request.support = {0};
    const Cost floating = cost_of(order, boxes, plan_order(order, boxes, request).value(), request.objective);
    for (const auto rule : {Support::Rule::corners, Support::Rule::balance}) {
      request.support = {0, rule};
      const auto plan = plan_order(order, boxes, request);
      ASSERT_TRUE(plan) << plan.error().message;
      EXPECT_TRUE(check_plan(order, boxes, *plan, request.support).empty());
      const Cost cost = cost_of(order, boxes, *plan, request.objective);
      if (plan->proof == Proof::optimal) EXPECT_GE(cost, floating) << "round " << round;
      for (const Package& package : plan->packages)
        for (const Placement& placement : package.placements) stacked += placement.at[2] > 0 ? 1 : 0;
    }
  }
  EXPECT_GT(stacked, 200);
}

// A box would take all of them, but so many are not judged.
TEST(SupportRules, MoreThanAreJudgedGoIntoSeveralBoxes) {
  const Order order{"o", {fixture::item("A", 250, fixture::mm(30, 30, 30), 10)}};
  const std::vector<Box> boxes{fixture::box("L", fixture::mm(180, 180, 300))};
  PlanRequest request;
  request.support = {0, Support::Rule::balance};
  request.effort = 1;
  const auto plan = plan_order(order, boxes, request);
  ASSERT_TRUE(plan) << plan.error().message;
  EXPECT_TRUE(check_plan(order, boxes, *plan, request.support).empty());
  EXPECT_EQ(plan->packages.size(), 2U);
}

}  // namespace
}  // namespace signalbox::pack
