#include "instruments/pack/document/plan_document.hpp"

#include <gtest/gtest.h>

#include "instruments/pack/check/checker.hpp"
#include "instruments/pack/choose/planner.hpp"
#include "instruments/pack/model/fixture.hpp"

namespace signalbox::pack {
namespace {

PlanDocument made() {
  Item odd = fixture::item("odd", 3, {kInch + 1, 2 * kInch + 15'875, kMillimetre}, 7);
  odd.turns = kThisSideUp;
  odd.max_load = kOunce;
  const Order order{"7", {odd, fixture::item("B", 2, fixture::mm(40, 30, 20), 12)}};
  const std::vector<Box> boxes{fixture::box("never", fixture::mm(500, 500, 500)),
                               fixture::box("S", fixture::mm(90, 60, 40))};
  return document_of(order, boxes, {75}, "boxes", plan_order(order, boxes, {}).value());
}

TEST(PlanDocument, IsReadAsItWasWrittenToTheTick) {
  const PlanDocument document = made();
  const std::string text = to_json(document).dump();
  const PlanDocument again = read_plan_document(text, "p.json").value();
  EXPECT_EQ(to_json(again).dump(), text);
  EXPECT_EQ(again.order.items[0].size, document.order.items[0].size);
  EXPECT_EQ(again.plan.packages[0].placements[0].at, document.plan.packages[0].placements[0].at);
  EXPECT_TRUE(check_plan(again.order, again.boxes, again.plan, again.support).empty());
}

TEST(PlanDocument, TheSameQuestionHasTheSameIdAndAnotherAnother) {
  EXPECT_EQ(made().id, made().id);
  const Order order{"7", {fixture::item("B", 2, fixture::mm(40, 30, 20), 12)}};
  const std::vector<Box> boxes{fixture::box("S", fixture::mm(90, 60, 40))};
  const Plan plan = plan_order(order, boxes, {}).value();
  EXPECT_NE(document_of(order, boxes, {75}, "boxes", plan).id,
            document_of(order, boxes, {100}, "boxes", plan).id);
}

TEST(PlanDocument, KeepsTheRuleOfSupport) {
  for (const char* text : {"none", "area:1", "area:75", "corners", "static"}) {
    PlanDocument document = made();
    document.support = support_from(text).value();
    const auto again = read_plan_document(to_json(document).dump(), "p.json");
    ASSERT_TRUE(again) << text;
    EXPECT_EQ(again->support, document.support) << text;
    EXPECT_EQ(to_text(again->support), text);
  }
  for (const char* text : {"", "area", "area:0", "area:101", "area:75 ", "Corners", "75"})
    EXPECT_FALSE(support_from(text)) << text;
}

TEST(PlanDocument, WhatIsNoPlanIsRefused) {
  const std::string good = to_json(made()).dump();
  for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
           {"\"support\":75", "\"support\":175"},
           {"\"support\":75", "\"support\":\"glue\""},
           {"\"item\":0", "\"item\":9"},
           {"\"turn\":0", "\"turn\":6"},
           {"\"qty\":3", "\"qty\":0"},
           {"\"at\":[0,", "\"at\":[1e300,"},
           {"\"at\":[0,", "\"at\":[\"0\","},
           {"\"inner\":[90,60,40]", "\"inner\":{\"a\":90,\"b\":60,\"c\":40}"},
           {"\"box\":\"S\"", "\"box\":\"T\""}}) {
    std::string bad = good;
    const std::size_t at = bad.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    bad.replace(at, from.size(), to);
    const auto read = read_plan_document(bad, "p.json");
    ASSERT_FALSE(read) << to;
    EXPECT_EQ(read.error().kind, ErrorKind::bad_input);
    EXPECT_TRUE(read.error().message.starts_with("p.json:1:")) << read.error().message;
  }
}

TEST(PlanDocument, ObjectsWhereListsAreMeantAreEmpty) {
  const std::string text =
      R"({"support":75,"order":{"items":[]},"boxes":{"a":{},"b":{}},"packages":{"c":{}}})";
  const PlanDocument read = read_plan_document(text, "p.json").value();
  EXPECT_TRUE(read.boxes.empty());
  EXPECT_TRUE(read.plan.packages.empty());
}

}  // namespace
}  // namespace signalbox::pack
