// Each way in which a plan can be wrong, in the smallest plan that is wrong so; places are worked out by
// hand.
#include "instruments/pack/check/checker.hpp"

#include <gtest/gtest.h>

#include "instruments/pack/model/fixture.hpp"

namespace signalbox::pack {
namespace {

constexpr Length mm(Length value) {
  return value * kMillimetre;
}

class Checker : public ::testing::Test {
 protected:
  Checker() {
    Item item;
    item.sku = "brick";
    item.quantity = 2;
    item.size = {mm(100), mm(80), mm(50)};
    item.weight = 400 * kGram;
    order_.items.push_back(item);
    Box box;
    box.sku = "B";
    box.inner = box.outer = {mm(100), mm(100), mm(100)};
    box.tare = 100 * kGram;
    box.max_weight = 900 * kGram;
    boxes_.push_back(box);
    // One on the other, as it should be.
    put(0, 0, 0, 0);
    put(0, 0, 0, 50);
  }
  void put(int turn, Length x, Length y, Length z) {
    plan_.packages.resize(1);
    plan_.packages[0].placements.push_back(
        {0, turn, {mm(x), mm(y), mm(z)}, turned(order_.items[0].size, turn)});
  }
  Placement& second() { return plan_.packages[0].placements[1]; }
  std::vector<std::string> kinds() {
    std::vector<std::string> out;
    for (const Violation& each : check_plan(order_, boxes_, plan_, support_))
      out.emplace_back(name_of(each.kind));
    return out;
  }
  using Words = std::vector<std::string>;

  Order order_;
  std::vector<Box> boxes_;
  Plan plan_;
  Support support_;
};

TEST_F(Checker, AGoodPlanIsLeftAlone) {
  EXPECT_EQ(kinds(), Words{});
}

TEST_F(Checker, EveryUnitIsPackedOnce) {
  plan_.packages[0].placements.pop_back();
  EXPECT_EQ(kinds(), Words{"missing"});
  order_.items[0].quantity = 1;
  EXPECT_EQ(kinds(), Words{});
  put(0, 0, 0, 50);
  EXPECT_EQ(kinds(), Words{"surplus"});
}

TEST_F(Checker, NothingReachesOutOfTheBox) {
  second().at[1] = mm(20);
  EXPECT_EQ(kinds(), Words{});
  support_.percent = 0;
  second().at[1] += 1;  // 25 nm
  EXPECT_EQ(kinds(), Words{"outside"});
  second().at[1] = -1;
  EXPECT_EQ(kinds(), Words{"outside"});
}

TEST_F(Checker, OverlapsAreFoundToTheTick) {
  support_.percent = 0;
  second().at[2] -= 1;
  EXPECT_EQ(kinds(), Words{"overlap"});
}

TEST_F(Checker, TurnsAreThoseOfTheItem) {
  order_.items[0].turns = kAsMeasured;
  EXPECT_EQ(kinds(), Words{});
  plan_.packages[0].placements.pop_back();
  put(1, 0, 0, 50);  // 80 x 100 x 50: three quarters and more of it rest
  EXPECT_EQ(kinds(), Words{"turn"});
  order_.items[0].turns = kThisSideUp;
  EXPECT_EQ(kinds(), Words{});
  second().size[0] += 1;
  EXPECT_EQ(kinds(), Words{"turn"});
}

TEST_F(Checker, ATurnThatLooksTheSameIsTheSame) {
  order_.items[0].size = {mm(50), mm(50), mm(50)};
  order_.items[0].turns = kAsMeasured;
  plan_.packages.clear();
  put(5, 0, 0, 0);
  put(3, 0, 0, 50);
  EXPECT_EQ(kinds(), Words{});
}

TEST_F(Checker, ThreeQuartersOfTheUndersideRest) {
  order_.items[0].size = {mm(40), mm(40), mm(50)};
  plan_.packages.clear();
  put(0, 0, 0, 0);
  put(0, 10, 0, 50);
  EXPECT_EQ(kinds(), Words{});
  second().at[0] += 1;
  EXPECT_EQ(kinds(), Words{"support"});
  support_.percent = 0;
  EXPECT_EQ(kinds(), Words{});
}

TEST_F(Checker, WhatSupportsIsThereBefore) {
  std::swap(plan_.packages[0].placements[0], plan_.packages[0].placements[1]);
  EXPECT_EQ(kinds(), (Words{"support", "unreachable"}));
}

TEST_F(Checker, WeightIsWithTheBox) {
  boxes_[0].max_weight = 900 * kGram - 1;
  EXPECT_EQ(kinds(), Words{"weight"});
}

TEST_F(Checker, LoadsAreWhatLiesOnTop) {
  order_.items[0].max_load = 400 * kGram;
  EXPECT_EQ(kinds(), Words{});
  order_.items[0].max_load = 399 * kGram;
  EXPECT_EQ(kinds(), Words{"load"});
  order_.items[0].max_load.reset();
  order_.items[0].no_stack = true;
  EXPECT_EQ(kinds(), Words{"load"});
}

TEST_F(Checker, ALoadIsSharedByTheAreasOfContactAndHandedDown) {
  // A plank of 400 g on two posts: 200 g each; on the left post a tower of two more, so 200 g + 800 g.
  order_.items[0].quantity = 1;
  order_.items[0].size = {mm(100), mm(20), mm(10)};
  Item post = order_.items[0];
  post.quantity = 2;
  post.size = {mm(50), mm(20), mm(40)};
  post.max_load = 200 * kGram;
  order_.items.push_back(post);
  boxes_[0].max_weight.reset();
  plan_.packages.clear();
  plan_.packages.resize(1);
  for (const Length x : {0, 50}) plan_.packages[0].placements.push_back({1, 0, {mm(x), 0, 0}, post.size});
  put(0, 0, 0, 40);
  EXPECT_EQ(kinds(), Words{});
  order_.items[1].max_load = 200 * kGram - 2;
  EXPECT_EQ(kinds(), (Words{"load", "load"}));
}

TEST_F(Checker, BottomOnlyAndMaxPerBox) {
  order_.items[0].bottom_only = true;
  EXPECT_EQ(kinds(), Words{"bottom"});
  order_.items[0].bottom_only = false;
  order_.items[0].max_per_box = 1;
  EXPECT_EQ(kinds(), Words{"count"});
}

TEST_F(Checker, NoMoreBoxesThanThereAre) {
  plan_.packages.push_back({0, {plan_.packages[0].placements[0]}});
  plan_.packages[0].placements.pop_back();
  EXPECT_EQ(kinds(), Words{});
  boxes_[0].stock = 1;
  EXPECT_EQ(kinds(), Words{"box"});
  plan_.packages[0].box = 7;
  EXPECT_EQ(kinds(), Words{"box"});
}

// Two crates in a row: the one at the rear goes out first.
TEST(CheckerOfTrailers, WhatIsForALaterStopIsNotInTheWay) {
  Order order{"1",
              {fixture::item("first", 1, fixture::mm(100, 100, 100), 1000),
               fixture::item("second", 1, fixture::mm(100, 100, 100), 1000)}};
  order.items[0].stop = 1;
  order.items[1].stop = 2;
  const std::vector<Box> boxes{fixture::box("trailer", fixture::mm(200, 100, 200))};
  const Size size = fixture::mm(100, 100, 100);
  const auto judged = [&](const Size& first, const Size& second) {
    Plan plan;
    plan.packages.push_back({0, {{1, 0, second, size}, {0, 0, first, size}}});
    const auto found = check_plan(order, boxes, plan, {75});
    return found.empty() ? "valid" : found[0].message;
  };
  EXPECT_EQ(judged(fixture::mm(100, 0, 0), fixture::mm(0, 0, 0)), "valid");
  EXPECT_EQ(judged(fixture::mm(0, 0, 100), fixture::mm(0, 0, 0)), "valid");
  EXPECT_EQ(judged(fixture::mm(0, 0, 0), fixture::mm(100, 0, 0)),
            "package 1: 'second' for stop 2 is between the rear and 'first' for stop 1");
  order.items[0].stop = 2;
  order.items[1].stop = 1;
  EXPECT_EQ(judged(fixture::mm(0, 0, 100), fixture::mm(0, 0, 0)),
            "package 1: 'first' for stop 2 is above 'second' for stop 1");
}

// 1000 kg whose middle is a quarter of the way from the kingpin to the axles: 750 kg rest in front.
TEST(CheckerOfTrailers, AxlesBearTheirShareToTheKilogram) {
  const Order order{"1", {fixture::item("crate", 1, fixture::mm(1000, 1000, 1000), 1'000'000)}};
  Box trailer = fixture::box("trailer", fixture::mm(6000, 1000, 1000));
  Plan plan;
  plan.packages.push_back({0, {{0, 0, fixture::mm(1500, 0, 0), fixture::mm(1000, 1000, 1000)}}});
  const auto judged = [&](Mass kingpin_kg, Mass rear_kg) {
    trailer.axles =
        Axles{1000 * kMillimetre, 5000 * kMillimetre, kingpin_kg * 1000 * kGram, rear_kg * 1000 * kGram};
    const auto found = check_plan(order, std::vector<Box>{trailer}, plan, {75});
    return found.empty() ? "valid" : found[0].message;
  };
  EXPECT_EQ(judged(750, 250), "valid");
  EXPECT_EQ(judged(749, 250), "package 1: 750.0 kg of the load rest on the kingpin, 749.0 kg may");
  EXPECT_EQ(judged(750, 249), "package 1: 250.0 kg of the load rest on the rear axles, 249.0 kg may");
}

TEST(CheckerOfShippers, WhoShipsAndWhatComesBackIsJudged) {
  Order order{
      "1", {fixture::item("a", 1, fixture::mm(10, 10, 10)), fixture::item("b", 1, fixture::mm(10, 10, 10))}};
  Box crate = fixture::box("crate", fixture::mm(20, 10, 10));
  Plan plan;
  plan.packages.push_back({0,
                           {{0, 0, fixture::mm(0, 0, 0), fixture::mm(10, 10, 10)},
                            {1, 0, fixture::mm(10, 0, 0), fixture::mm(10, 10, 10)}}});
  const auto judged = [&] {
    const auto found = check_plan(order, std::vector<Box>{crate}, plan, {75});
    return found.empty() ? "valid" : found[0].message;
  };
  EXPECT_EQ(judged(), "valid");
  order.items[1].source = "supplier";
  EXPECT_EQ(judged(), "package 1: 'a' and 'b' are not shipped by the same");
  order.items[0].source = "supplier";
  EXPECT_EQ(judged(), "valid");
  crate.source = "house";
  EXPECT_EQ(judged(), "package 1: 'a' is not where the box 'crate' is");
  crate.source = "supplier";
  order.items[1].returnable_only = true;
  EXPECT_EQ(judged(), "package 1: 'b' goes into returnable boxes alone, 'crate' is none");
  crate.returnable = true;
  EXPECT_EQ(judged(), "valid");
}

// Bricks of 100 x 80 x 50 on one another.
class Footing : public Checker {
 protected:
  Footing() {
    boxes_[0].inner = boxes_[0].outer = {mm(400), mm(400), mm(400)};
    boxes_[0].max_weight.reset();
    plan_.packages[0].placements.pop_back();
  }
  void stack(const std::vector<std::array<Length, 3>>& places) {
    plan_.packages[0].placements.clear();
    for (const auto& [x, y, z] : places) put(0, x, y, z);
    order_.items[0].quantity = static_cast<std::int64_t>(places.size());
  }
  Words by(Support::Rule rule) {
    support_ = {0, rule};
    return kinds();
  }
  const Words kTips{"support"};
};

TEST_F(Footing, CornersAllRestOnSomething) {
  using enum Support::Rule;
  stack({{0, 0, 0}, {0, 0, 50}});
  EXPECT_EQ(by(corners), Words{});
  stack({{0, 0, 0}, {1, 0, 50}});  // 99 % of it rests, two corners do not
  EXPECT_EQ(by(corners), kTips);
  support_ = {75};
  EXPECT_EQ(kinds(), Words{});
  // A bridge: its corners rest on two, its middle on nothing.
  stack({{0, 0, 0}, {140, 0, 0}, {70, 0, 50}});
  EXPECT_EQ(by(corners), Words{});
  stack({{0, 0, 0}, {140, 1, 0}, {70, 0, 50}});  // one corner is beside it by 1 mm
  EXPECT_EQ(by(corners), kTips);
  stack({{0, 0, 0}, {170, 0, 0}, {70, 0, 50}});  // ends where the other begins: it rests on nothing there
  EXPECT_EQ(by(corners), kTips);
}

// A block may hang over by half of its length, and no further: its middle is over the edge.
TEST_F(Footing, AThingStandsUpToHalfOverTheEdge) {
  stack({{0, 0, 0}, {50, 0, 50}});
  EXPECT_EQ(by(Support::Rule::balance), Words{});
  stack({{0, 0, 0}, {51, 0, 50}});
  EXPECT_EQ(by(Support::Rule::balance), (Words{"support", "support"}));
}

// The leaning stack of bricks: from the top 1/2, 1/4, 1/6 of a brick over the one below stand, a hair more
// does not (Johnson, "Leaning Tower of Lire", 1955).
TEST_F(Footing, TheHarmonicStackStands) {
  order_.items[0].size = {mm(120), mm(80), mm(50)};
  stack({{0, 0, 0}, {20, 0, 50}, {50, 0, 100}, {110, 0, 150}});
  EXPECT_EQ(by(Support::Rule::balance), Words{});
  stack({{0, 0, 0}, {21, 0, 50}, {51, 0, 100}, {111, 0, 150}});
  EXPECT_EQ(by(Support::Rule::balance), kTips);  // each by itself is held, all together are not
}

// A plank on one post: what stands on one end tips it, the same on both ends holds it.
TEST_F(Footing, ASeesawIsHeldByWhatStandsOnItsOtherEnd) {
  Item plank = order_.items[0];
  plank.sku = "plank";
  plank.weight = 100 * kGram;  // with a brick of 400 g its weight acts at 70 mm, the post begins at 100
  plank.quantity = 1;
  plank.size = {mm(300), mm(80), mm(10)};
  order_.items.push_back(plank);
  stack({{100, 0, 0}});
  plan_.packages[0].placements.push_back({1, 0, {mm(0), mm(0), mm(50)}, plank.size});
  EXPECT_EQ(by(Support::Rule::balance), Words{});
  put(0, 0, 0, 60);
  order_.items[0].quantity = 2;
  EXPECT_EQ(by(Support::Rule::balance), kTips);
  put(0, 200, 0, 60);
  order_.items[0].quantity = 3;
  EXPECT_EQ(by(Support::Rule::balance), Words{});
}

TEST_F(Footing, SoManyThingsThatNobodyCanSayAreNotCalledStanding) {
  boxes_[0].inner = boxes_[0].outer = {mm(400), mm(400), mm(20'000)};
  std::vector<std::array<Length, 3>> tower;
  for (Length i = 0; i < 152; ++i) tower.push_back({0, 0, 50 * i});
  stack(tower);
  EXPECT_EQ(by(Support::Rule::balance), kTips);
  tower.resize(120);
  stack(tower);
  EXPECT_EQ(by(Support::Rule::balance), Words{});
}

}  // namespace
}  // namespace signalbox::pack
