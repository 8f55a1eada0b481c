#include <gtest/gtest.h>

#include "core/store/testing.hpp"
#include "instruments/pack/choose/planner.hpp"
#include "instruments/pack/kept/plan_store.hpp"
#include "instruments/pack/model/fixture.hpp"
#include "instruments/pack/station/completion_store.hpp"

namespace signalbox::pack {
namespace {

const Time kNow = parse_rfc3339("2026-03-02T09:00:00Z").value();

PlanDocument planned() {
  const Order order{"7", {fixture::item("A", 4, fixture::mm(80, 50, 30), 100)}};
  const std::vector<Box> boxes{fixture::box("S", fixture::mm(90, 60, 40)),
                               fixture::box("M", fixture::mm(180, 120, 80))};
  return document_of(order, boxes, {75}, "boxes", plan_order(order, boxes, {}).value());
}

constexpr std::string_view kTold =
    R"({"key": "k1", "package": 1, "station": "P1", "box": "M", "weight": "0.41 kg", "took_ms": 61500})";

// `told` with one member set to what `value` says, or dropped where that is empty.
std::string with(std::string_view member, std::string_view value) {
  Json root = parse_json(kTold).value();
  Json out = Json::object();
  for (const auto& [name, was] : root.members())
    if (name != member) out.set(name, was);
  if (!value.empty()) out.set(std::string(member), parse_json(value).value());
  return out.dump();
}

Result<Completion> read(std::string_view text) {
  return read_completion(text, planned(), kNow, "ada");
}

TEST(Completion, SaysWhatWasToldAndWhatThePlanKnows) {
  const Completion it = read(kTold).value();
  EXPECT_EQ(it.key, "k1");
  EXPECT_EQ(it.plan, planned().id);
  EXPECT_EQ(it.order, "7");
  EXPECT_EQ(it.package, 0U);
  EXPECT_EQ(it.box, "M");
  EXPECT_EQ(it.recommended, "M");
  EXPECT_EQ(it.reason, "");
  EXPECT_EQ(it.weight, 410 * kGram);
  EXPECT_EQ(it.took, std::chrono::milliseconds(61'500));
  EXPECT_EQ(it.at, kNow);
  EXPECT_EQ(it.by, "ada");
}

TEST(Completion, WhatWaitedWasPackedWhenItWasPacked) {
  EXPECT_EQ(read(with("waited_ms", "3600000"))->at, kNow - std::chrono::hours(1));
}

TEST(Completion, UnitsLeftOutAreSortedAndEachHasItsReason) {
  const Completion it =
      read(with("left_out", R"([{"unit": 3, "reason": "does-not-fit"}, {"unit": 1, "reason": "damaged"}])"))
          .value();
  ASSERT_EQ(it.left_out.size(), 2U);
  EXPECT_EQ(it.left_out[0], (LeftOut{0, "damaged"}));
  EXPECT_EQ(it.left_out[1], (LeftOut{2, "does-not-fit"}));
}

struct Bad {
  const char* member;
  const char* value;
  const char* place;
};

class BadCompletion : public ::testing::TestWithParam<Bad> {};

TEST_P(BadCompletion, IsRefusedWithItsPlace) {
  const Bad& bad = GetParam();
  const auto read_it = read(with(bad.member, bad.value));
  ASSERT_FALSE(read_it) << bad.member << " " << bad.value;
  EXPECT_EQ(read_it.error().kind, ErrorKind::bad_input);
  EXPECT_TRUE(read_it.error().message.starts_with(bad.place)) << read_it.error().message;
}

INSTANTIATE_TEST_SUITE_P(
    Members, BadCompletion,
    ::testing::Values(
        Bad{"key", "", "$.key"}, Bad{"key", "\"  \"", "$.key"}, Bad{"key", "7", "$.key"},
        Bad{"key", R"("a\u0007b")", "$.key"}, Bad{"package", "0", "$.package"},
        Bad{"package", "2", "$.package"}, Bad{"package", "1.5", "$.package"},
        Bad{"package", "\"1\"", "$.package"}, Bad{"station", "", "$.station"},
        Bad{"station", R"("0123456789012345678901234567890123456789012345678901234567890123456789")",
            "$.station"},
        Bad{"box", "\"\"", "$.box"}, Bad{"box", "\"L\"", "$.reason"},
        Bad{"reason", "\"damaged\"", "$.reason"}, Bad{"reason", "\"because\"", "$.reason"},
        Bad{"weight", "0.41", "$.weight"}, Bad{"weight", "\"0.41\"", "$.weight"},
        Bad{"weight", "\"-1 kg\"", "$.weight"}, Bad{"weight", "\"0 kg\"", "$.weight"},
        Bad{"weight", "\"nan kg\"", "$.weight"}, Bad{"took_ms", "-1", "$.took_ms"},
        Bad{"took_ms", "", "$.took_ms"}, Bad{"took_ms", "604800001", "$.took_ms"},
        Bad{"waited_ms", "-1", "$.waited_ms"}, Bad{"left_out", "{}", "$.left_out"},
        Bad{"left_out", "[1]", "$.left_out[0]"},
        Bad{"left_out", R"([{"unit": 5, "reason": "damaged"}])", "$.left_out[0].unit"},
        Bad{"left_out", R"([{"unit": 0, "reason": "damaged"}])", "$.left_out[0].unit"},
        Bad{"left_out", R"([{"unit": 1}])", "$.left_out[0].reason"},
        Bad{"left_out", R"([{"unit": 1, "reason": "damaged"}, {"unit": 1, "reason": "damaged"}])",
            "$.left_out[1].unit"},
        Bad{"left_out",
            R"([{"unit": 1, "reason": "damaged"}, {"unit": 2, "reason": "damaged"}, {"unit": 3, "reason": "damaged"}, {"unit": 4, "reason": "damaged"}])",
            "$.left_out"},
        Bad{"colour", "1", "$"}));

TEST(Completion, IsNoListAndNoNonsense) {
  for (const char* text : {"", "[]", "7", "null", "{", R"({"key": "a", "key": "b"})"})
    EXPECT_FALSE(read(text)) << text;
}

TEST(Completion, AnotherBoxHasAReason) {
  Json root = parse_json(kTold).value();
  root.set("box", "L");
  root.set("reason", "not-at-hand");
  EXPECT_EQ(read(root.dump())->reason, "not-at-hand");
}

class Completions : public ::testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (!scratch_.is_available()) GTEST_SKIP() << "PostgreSQL 15 is not installed";
    database_ = scratch_.open();
    ASSERT_TRUE(store::migrate(*database_, kept_migrations()).has_value());
    store_ = std::make_unique<CompletionStore>(*database_);
  }

  store::testing::ScratchStore scratch_{GetParam()};
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<CompletionStore> store_;
};

TEST_P(Completions, ToldTwiceAreThereOnceAndReadBackAsTheyWere) {
  Completion it = read(with("left_out", R"([{"unit": 2, "reason": "damaged"}])")).value();
  const auto first = store_->add(it);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_TRUE(first->is_new);
  it.at += std::chrono::minutes(5);  // it was told again later
  const auto again = store_->add(it).value();
  EXPECT_FALSE(again.is_new);
  EXPECT_EQ(again.completion.at, kNow);
  const auto all = store_->all().value();
  ASSERT_EQ(all.size(), 1U);
  EXPECT_TRUE(is_same(all[0], it));
  EXPECT_EQ(all[0].by, "ada");
  EXPECT_EQ(all[0].order, "7");
}

TEST_P(Completions, OneKeyOneThingAndOnePackageOnce) {
  const Completion it = read(kTold).value();
  ASSERT_TRUE(store_->add(it));
  Completion other = it;
  other.weight += kGram;
  EXPECT_EQ(store_->add(other).error().kind, ErrorKind::conflict);
  other.key = "k2";
  const auto refused = store_->add(other);
  EXPECT_EQ(refused.error().kind, ErrorKind::conflict);
  EXPECT_NE(refused.error().message.find("package 1 of order 7 is packed already, at station P1"),
            std::string::npos);
  EXPECT_EQ(store_->all()->size(), 1U);
  EXPECT_TRUE(is_same(store_->of_plan(it.plan).value().at(0), it));
}

TEST_P(Completions, AreListedTheNewestFirstAndAddedUp) {
  Completion it = read(kTold).value();
  ASSERT_TRUE(store_->add(it));
  it.key = "k2";
  it.plan = "another";
  it.order = "8";
  it.box = "L";
  it.reason = "not-at-hand";
  it.left_out = {{0, "damaged"}, {1, "other"}};
  it.at += std::chrono::seconds(1);
  ASSERT_TRUE(store_->add(it));
  const auto listed = store_->list("", 10).value();
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0].order, "8");
  EXPECT_EQ(store_->list("", 1)->size(), 1U);
  EXPECT_EQ(store_->list("7", 10)->size(), 1U);
  const auto totals = store_->totals().value();
  EXPECT_EQ(totals.parcels, 2);
  EXPECT_EQ(totals.as_recommended, 1);
  EXPECT_EQ(totals.left_out, 2);
  EXPECT_EQ(totals.took_ms, 123'000);
}

INSTANTIATE_TEST_SUITE_P(Stores, Completions,
                         ::testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& tested) { return store::testing::name_of(tested.param); });

// What a station told counts by the plan by which it was packed, as weighed, without what was left out.
TEST(Completion, CountsInTheKeyFigures) {
  PlanDocument plan = planned();
  Completion it = read(with("left_out", R"([{"unit": 2, "reason": "damaged"}])")).value();
  it.weight = 2 * kPound;
  plan.order.id = plan.id;
  const std::vector<PackedParcel> packed{parcel_of(it)};
  const std::vector<PlanDocument> plans{plan};
  const KpiAnswer answer =
      key_figures(packed, plans, {}, shipped_rules(), "ups", Account::daily, Period::day, By::station)
          .value();
  ASSERT_EQ(answer.rows.size(), 1U);
  const auto& [key, row] = *answer.rows.begin();
  EXPECT_EQ(key, (std::pair<std::string, std::string>{"2026-03-02", "P1"}));
  EXPECT_EQ(row.units, 3);
  EXPECT_EQ(row.left_out, 1);
  EXPECT_NEAR(row.contents_l, 3 * 0.12, 1e-9);
  EXPECT_NEAR(row.actual_lb, 2, 1e-9);
  EXPECT_EQ(row.as_recommended, 1);
  EXPECT_EQ(row.timed, 1);
  EXPECT_NEAR(row.seconds, 61.5, 1e-9);
  EXPECT_EQ(answer.unknown, 0U);
}

}  // namespace
}  // namespace signalbox::pack
