#include "instruments/pack/bill/rates.hpp"

#include <gtest/gtest.h>

namespace signalbox::pack {
namespace {

constexpr std::string_view kTable =
    "carrier,service,zone,lb,price,surcharge\n"
    "ups,ground,5,1,10,\nups,ground,5,2,10.5,\nups,ground,5,3,11,\nups,ground,5,40,31.25,\n"
    "fedex,ground,5,1,9.90,\nfedex,ground,5,2,10.75,\nups,ground,8,1,14,\n"
    "ups,,,,19.5,additional-handling\n";

std::vector<RulePack> rules() {
  const Day day = day_from("2026-03-01").value();
  return {rules_on(shipped_rules(), "ups", day).value(), rules_on(shipped_rules(), "fedex", day).value()};
}
Size inches(Length length, Length width, Length height) {
  return {length * kInch, width * kInch, height * kInch};
}
std::string priced(const Size& size, Mass weight, std::string_view zone = "5") {
  const auto found =
      least_price(read_rates(kTable, "t.csv").value(), rules(), zone, size, weight, Account::daily);
  return found ? found->carrier + " " + money_text(found->money) : "none";
}

TEST(Rates, TheServiceThatAsksLeastIsTaken) {
  EXPECT_EQ(priced(inches(5, 5, 5), kPound), "fedex 9.90");
  EXPECT_EQ(priced(inches(5, 5, 5), kPound + 1), "ups 10.50");
  EXPECT_EQ(priced(inches(5, 5, 5), 3 * kPound), "ups 11.00");  // fedex has no row for it
  EXPECT_EQ(priced(inches(5, 5, 5), kPound, "8"), "ups 14.00");
  EXPECT_EQ(priced(inches(5, 5, 5), 4 * kPound), "none");
  EXPECT_EQ(priced(inches(5, 5, 5), kPound, "9"), "none");
}

TEST(Rates, SurchargesArePartOfIt) {
  EXPECT_EQ(priced(inches(49, 4, 4), kPound), "ups 50.75");  // 40 lb at least, and 19.50
  EXPECT_EQ(priced(inches(97, 4, 4), kPound), "none");       // a large package has no price here
}

TEST(Rates, WhatNoWeightCostsLess) {
  const RateTable table =
      read_rates("carrier,service,zone,lb,price\nups,g,5,1,10\nups,g,5,2,8\n", "t.csv").value();
  ASSERT_EQ(table.warnings.size(), 1U);
  EXPECT_EQ(table.warnings[0], "ups g to zone 5: 1 lb cost 10.00, something heavier 8.00");
  EXPECT_EQ(least_price_of_size(table, rules(), "5", inches(5, 5, 5), Account::daily), 8'000'000);
}

TEST(Rates, WhatIsWrongIsNamedWithItsPlace) {
  const auto says = [](std::string_view text) { return read_rates(text, "t.csv").error().message; };
  EXPECT_EQ(says(""), "t.csv: empty");
  EXPECT_EQ(says("carrier,lb\nups,1\n"), "t.csv: the column 'price' is missing");
  EXPECT_EQ(says("carrier,lb,price\nups,1,1\nups,1,2\n"), "t.csv:3:2: a second price of this weight");
  EXPECT_EQ(says("carrier,lb,price\nups,1.5,1\n"), "t.csv:2:2: '1.5' is no whole number between 1 and 2000");
  EXPECT_EQ(says("carrier,lb,price\nups,1,-3\n"), "t.csv:2:3: '-3' is no price");
  EXPECT_EQ(says("carrier,lb,price,surcharge\nups,,1,x\n"), "t.csv: no price of a weight in it");
}

TEST(Money, IsToldInCentsWithItsSign) {
  EXPECT_EQ(money_text(12'345'600), "12.35");
  EXPECT_EQ(money_text(-12'345'600), "-12.35");
  EXPECT_EQ(money_text(-50'000), "-0.05");
  EXPECT_EQ(money_text(-4'999), "0.00");
}

}  // namespace
}  // namespace signalbox::pack
