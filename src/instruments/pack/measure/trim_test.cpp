// Trims over a history beside bills of each parcel cut by hand.
#include "instruments/pack/measure/trim.hpp"

#include <gtest/gtest.h>

#include "instruments/pack/model/fixture.hpp"

namespace signalbox::pack {
namespace {

using fixture::box;

// One cube of `side` in a box.
PlanDocument cube_in(const std::string& sku, const Size& inner, const Size& outer, Length side, Mass weight) {
  PlanDocument out;
  out.order.id = "1";
  out.order.items.push_back(fixture::item("a", 1, {side, side, side}));
  out.order.items[0].weight = weight;
  Box into = box(sku, inner);
  into.outer = outer;
  out.boxes.push_back(into);
  out.plan.packages.push_back({0, {{0, 0, {0, 0, 0}, {side, side, side}}}});
  return out;
}

// B 12 x 12 x 12 in: 1728 / 139 = 13 lb; one inch less is 1584 / 139 = 12 lb. C weighs more than it is large.
TEST(TrimWorth, RanksWhatSavesMost) {
  const Size twelve{12 * kInch, 12 * kInch, 12 * kInch};
  const Size twenty{20 * kInch, 10 * kInch, 10 * kInch};
  std::vector<PlanDocument> plans(3, cube_in("B", twelve, twelve, 10 * kInch, 4 * kPound));
  plans.push_back(cube_in("B", twelve, twelve, 12 * kInch, 4 * kPound));
  plans.push_back(cube_in("C", twenty, twenty, 10 * kInch, 40 * kPound));
  const RulePack rules = rules_on(shipped_rules(), "ups", day_from("2026-03-01").value()).value();
  const auto by_pound = [](const Size& outer, Mass weight) -> std::optional<Money> {
    const RulePack ups = rules_on(shipped_rules(), "ups", day_from("2026-03-01").value()).value();
    return bill_of(ups, outer, weight).billed_lb * 2'000'000;
  };
  const std::vector<TrimWorth> worth = trim_worth(plans, rules, Account::daily, by_pound);
  ASSERT_EQ(worth.size(), 6U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(worth[i].box, "B");
    EXPECT_EQ(worth[i].by, kInch);
    EXPECT_EQ(worth[i].parcels, 4U);
    EXPECT_EQ(worth[i].cheaper, 4U);
    EXPECT_EQ(worth[i].saved_lb, 4);
    EXPECT_EQ(worth[i].with_room, 3U);  // the cube of 12 in leaves none
    EXPECT_EQ(worth[i].saved_with_room_lb, 3);
    EXPECT_EQ(worth[i].saved, 8'000'000);
  }
  EXPECT_EQ(worth[3].box, "C");
  EXPECT_EQ(worth[3].saved_lb, 0);
  EXPECT_EQ(worth[3].cheaper, 0U);
}

// A side of 48.2 in is over the limit of 48: cut by 0.2 in the surcharge, and its minimum of 40 lb, are gone.
TEST(TrimWorth, ASurchargeThatIsNoLongerChargedCounts) {
  const Size outer{parse_length("48.2in").value(), 8 * kInch, 8 * kInch};
  const std::vector<PlanDocument> plans{cube_in("long", outer, outer, 8 * kInch, 5 * kPound)};
  const RulePack rules = rules_on(shipped_rules(), "ups", day_from("2026-03-01").value()).value();
  const std::vector<TrimWorth> worth = trim_worth(plans, rules, Account::daily, {});
  EXPECT_EQ(worth[0].side, 0U);
  EXPECT_EQ(to_text(worth[0].by, LengthUnit::in), "0.2");
  EXPECT_EQ(worth[0].surcharges, 1U);
  EXPECT_EQ(worth[0].saved_lb, 40 - 23);  // 48 x 8 x 8 / 139 = 23 lb
}

}  // namespace
}  // namespace signalbox::pack
