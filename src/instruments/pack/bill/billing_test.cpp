// Bills against published examples and sums worked out by hand.
#include "instruments/pack/bill/billing.hpp"

#include <gtest/gtest.h>

#include "instruments/pack/model/fixture.hpp"

namespace signalbox::pack {
namespace {

RulePack on(std::string_view carrier, std::string_view day) {
  return rules_on(shipped_rules(), carrier, day_from(day).value()).value();
}

Size inches(const char* length, const char* width, const char* height) {
  return {parse_length(length, LengthUnit::in).value(), parse_length(width, LengthUnit::in).value(),
          parse_length(height, LengthUnit::in).value()};
}

std::int64_t billed(std::string_view carrier, std::string_view day, const Size& size, const char* weight) {
  return bill_of(on(carrier, day), size, parse_mass(weight).value()).billed_lb;
}

std::string charged(const Bill& bill) {
  std::string out;
  for (const BilledSurcharge& each : bill.surcharges) out += (out.empty() ? "" : " ") + each.id;
  return out;
}

TEST(ShippedRules, AreReadAndLeaveNoGap) {
  for (const auto& [name, text] : shipped_rule_files())
    EXPECT_TRUE(read_rules(text, name)) << read_rules(text, name).error().message;
  EXPECT_EQ(shipped_rules().size(), 8U);
  for (const RulePack& pack : shipped_rules())
    if (pack.to)
      EXPECT_TRUE(rules_on(shipped_rules(), pack.carrier, *pack.to + std::chrono::days(1))) << pack.id;
}

// A rule without a source is refused, and each that is shipped says who published it and, from the first
// change on, for which day.
TEST(ShippedRules, NameTheirSources) {
  for (const RulePack& pack : shipped_rules()) {
    const bool names_its_publisher =
        pack.source.find("UPS") != std::string::npos || pack.source.find("FedEx") != std::string::npos ||
        pack.source.find("DMM") != std::string::npos || pack.source.find("USPS") != std::string::npos;
    EXPECT_TRUE(names_its_publisher) << pack.id << ": " << pack.source;
    if (pack.from >= day_from("2025-01-01").value())
      EXPECT_NE(pack.source.find("effective " + to_text(pack.from)), std::string::npos) << pack.id;
  }
  const char* without =
      "carrier: own\npacks:\n  - {id: a, from: 2026-01-01, source: ' ', rounding: up, divisors: {daily: "
      "139}}\n";
  const auto read = read_rules(without, "own.yaml");
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("where is that published?"), std::string::npos) << read.error().message;
}

// UPS' own example of 2025-08-18: 11.1 in is 12 in. Atlantic Packaging's: 11.1 x 8.1 x 4.1 is 540 cu in, 4
// lb.
TEST(Bill, PublishedExamplesOfTheRoundingRule) {
  const Bill bill = bill_of(on("ups", "2025-08-18"), inches("11.1", "8.1", "4.1"), kPound);
  EXPECT_EQ(bill.sides_in, (std::array<std::int64_t, 3>{12, 9, 5}));
  EXPECT_EQ(bill.volume_in3, 540);
  EXPECT_EQ(bill.dim_lb, 4);
  // Parcel Industry, 2025: 11 x 10 x 9 bills 8 lb; 11.1 x 8.5 x 6.2 bills 6 lb as 12 x 9 x 7.
  EXPECT_EQ(billed("fedex", "2025-09-01", inches("11", "10", "9"), "1lb"), 8);
  EXPECT_EQ(billed("fedex", "2025-09-01", inches("11.1", "8.5", "6.2"), "1lb"), 6);
  // iDrive, 2025: 10 x 10.1 x 10.3 was 10 x 10 x 10 before and is 10 x 11 x 11 since.
  EXPECT_EQ(bill_of(on("fedex", "2025-08-17"), inches("10", "10.1", "10.3"), kPound).volume_in3, 1000);
  EXPECT_EQ(bill_of(on("fedex", "2025-08-18"), inches("10", "10.1", "10.3"), kPound).volume_in3, 1210);
}

TEST(Bill, AWholeInchStaysWholeHoweverItIsWritten) {
  for (const char* twelve : {"12", "12.0", "12.000", "304.8mm", "30.48cm", "1ft", "24/2"})
    EXPECT_EQ(
        bill_of(on("ups", "2026-03-01"), {parse_length(twelve, LengthUnit::in).value(), kInch, kInch}, kPound)
            .sides_in[0],
        12)
        << twelve;
  EXPECT_EQ(bill_of(on("ups", "2026-03-01"), {12 * kInch + 1, kInch, kInch}, kPound).sides_in[0], 13);
  EXPECT_EQ(bill_of(on("ups", "2026-03-01"), {kInch, kInch, kInch}, kPound).actual_lb, 1);
  EXPECT_EQ(bill_of(on("ups", "2026-03-01"), {kInch, kInch, kInch}, kPound + 1).actual_lb, 2);
}

TEST(Bill, UspsCountsVolumeAboveACubicFootAlone) {
  EXPECT_EQ(billed("usps", "2026-07-11", inches("12", "12", "12"), "2lb"), 2);
  EXPECT_EQ(billed("usps", "2026-07-11", inches("12", "12", "12.49"), "2lb"), 2);   // rounds to 12
  EXPECT_EQ(billed("usps", "2026-07-11", inches("12", "12", "12.5"), "2lb"), 12);   // 1872 / 166 = 11.3
  EXPECT_EQ(billed("usps", "2026-07-12", inches("12", "12", "12.01"), "2lb"), 14);  // 1872 / 139 = 13.5
  EXPECT_EQ(charged(bill_of(on("usps", "2026-07-12"), inches("24", "12", "12.1"), kPound)),
            "nonstandard-length-22 nonstandard-volume");
  EXPECT_EQ(charged(bill_of(on("usps", "2026-07-12"), inches("31", "4", "4"), kPound)),
            "nonstandard-length-30");
}

TEST(Bill, ThresholdsAreExceededByWhatIsOverThem) {
  // 10,368 = 6 cu ft and 17,280 = 10 cu ft exactly trigger nothing.
  const RulePack ups = on("ups", "2026-01-26");
  EXPECT_EQ(charged(bill_of(ups, inches("36", "18", "16"), kPound)), "");  // 104 in with girth
  EXPECT_EQ(charged(bill_of(ups, inches("36", "17", "17"), kPound)),
            "additional-handling");  // 10,404; 104 in
  EXPECT_EQ(charged(bill_of(on("ups", "2026-01-25"), inches("36", "17", "17"), kPound)), "");
  EXPECT_EQ(charged(bill_of(ups, inches("40", "24", "18"), kPound)),
            "additional-handling");  // 17,280; 124 in
  EXPECT_EQ(charged(bill_of(ups, inches("40", "24", "18.1"), kPound)), "large-package");
  EXPECT_EQ(charged(bill_of(ups, inches("48", "4", "4"), kPound)), "");
  EXPECT_EQ(charged(bill_of(ups, inches("48.01", "4", "4"), kPound)), "additional-handling");
  EXPECT_EQ(billed("ups", "2026-02-01", inches("48.01", "4", "4"), "1lb"), 40);
  EXPECT_EQ(charged(bill_of(ups, inches("10", "10", "10"), 50 * kPound)), "");
  EXPECT_EQ(charged(bill_of(ups, inches("10", "10", "10"), 50 * kPound + 1)), "additional-handling-weight");
  EXPECT_EQ(billed("ups", "2026-02-01", inches("10", "10", "10"), "51lb"), 51);
  EXPECT_EQ(charged(bill_of(ups, inches("10", "10", "10"), 111 * kPound)), "large-package");
  EXPECT_EQ(bill_of(ups, inches("97", "4", "4"), kPound).billed_lb, 90);
  EXPECT_EQ(bill_of(ups, inches("109", "4", "4"), kPound).over_maximum.size(), 1U);
}

TEST(Distances, TellHowMuchIsLeft) {
  const auto found = distances(on("ups", "2026-02-01"), inches("47.6", "10", "10"), kPound);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].id, "additional-handling");
  EXPECT_EQ(found[0].what, "longest side");
  EXPECT_NEAR(found[0].left, 0.4, 1e-9);
}

TEST(Trims, TellWhatAnInchIsWorth) {
  // 12.3 x 9 x 6 is 13 x 9 x 6 = 702: 6 lb; 12 x 9 x 6 = 648: 5 lb. 13 x 8 x 6 = 624: 5 lb. 13 x 9 x 5 = 585:
  // 5 lb.
  const auto found = trims(on("ups", "2026-02-01"), inches("12.3", "9", "6"), kPound);
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(to_text(found[0].by, LengthUnit::in), "0.3");
  EXPECT_EQ(found[0].saved_lb, 1);
  EXPECT_EQ(to_text(found[1].by, LengthUnit::in), "1");
  const auto handling = trims(on("ups", "2026-02-01"), inches("48.2", "4", "4"), kPound);
  EXPECT_EQ(handling[0].surcharges_saved, std::vector<std::string>{"additional-handling"});
  EXPECT_EQ(handling[0].saved_lb, 40 - 6);  // 48 x 4 x 4 = 768
}

TEST(Rules, WhatIsWrongIsNamedWithItsPlace) {
  const auto says = [](std::string_view text) { return read_rules(text, "r.yaml").error().message; };
  const std::string head =
      "carrier: x\npacks:\n  - {id: a, source: s, from: 2026-01-01, rounding: up, divisors: {daily: 139}";
  EXPECT_TRUE(read_rules(head + "}\n", "r.yaml"));
  EXPECT_EQ(says("carrier: x\n"), "r.yaml:1:1: there is no pack of rules in it");
  EXPECT_NE(says(head + ", to: 2025-01-01}\n").find("it ends before it begins"), std::string::npos);
  EXPECT_NE(says(head + ", divisor: 1}\n").find("r.yaml:3:"), std::string::npos);
  EXPECT_NE(says(head + "}\n  - {id: b, source: s, from: 2026-02-01, rounding: up, divisors: {daily: 1}}\n")
                .find("both hold on some day"),
            std::string::npos);
  EXPECT_NE(says("carrier: x\npacks:\n  - {id: a, source: s, from: 2026-02-30, rounding: up, divisors: "
                 "{daily: 139}}")
                .find("'2026-02-30' is no day"),
            std::string::npos);
  EXPECT_EQ(rules_on(shipped_rules(), "ups", day_from("2001-01-01").value()).error().kind,
            ErrorKind::unavailable);
  EXPECT_EQ(rules_on(shipped_rules(), "pigeon", day_from("2026-01-01").value()).error().kind,
            ErrorKind::bad_input);
}

// What a search asks is what the bill says.
TEST(Bill, ItsPoundsAloneAreThoseOfTheBill) {
  fixture::Draws draw(20251127);
  const std::vector<RulePack> packs = shipped_rules();
  for (int i = 0; i < 20'000; ++i) {
    const RulePack& rules =
        packs[static_cast<std::size_t>(draw.below(static_cast<std::int64_t>(packs.size())))];
    const Size size{draw.between(1, 120 * kInch), draw.between(1, 60 * kInch), draw.between(1, 60 * kInch)};
    const Mass weight = draw.between(0, 160 * kPound);
    const Account account = draw.below(2) == 0 ? Account::daily : Account::retail;
    const Bill bill = bill_of(rules, size, weight, account);
    const BilledPounds pounds = billed_pounds(rules, size, weight, account);
    ASSERT_EQ(pounds.lb, bill.billed_lb) << rules.id;
    ASSERT_EQ(pounds.is_taken, bill.over_maximum.empty()) << rules.id;
  }
}

}  // namespace
}  // namespace signalbox::pack
