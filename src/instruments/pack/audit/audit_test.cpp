// Invoices against plans: each reason in the smallest invoice that has it.
#include "instruments/pack/audit/audit.hpp"

#include <gtest/gtest.h>

#include "instruments/pack/model/fixture.hpp"

namespace signalbox::pack {
namespace {

// One unit that weighs `weight` in one box, order "o1", "o2" …
PlanDocument plan_of(const std::string& order, Size box, Mass weight) {
  PlanDocument out;
  out.order.id = order;
  out.order.items.push_back(fixture::item("a", 1, {kInch, kInch, kInch}));
  out.order.items[0].weight = weight;
  out.boxes.push_back(fixture::box("B", box));
  Package package;
  package.placements.push_back({0, 0, {0, 0, 0}, {kInch, kInch, kInch}});
  out.plan.packages.push_back(package);
  return out;
}

struct Case {
  const char* csv;  // behind "t1,o1," of the columns below
  Reason reason;
  std::int64_t over_lb;
  bool claim;
};

// 12 x 10 x 8 in, 5 lb: 960 / 139 = 7 lb by UPS of 2026; 960 / 166 = 6 lb retail.
TEST(Audit, EachReasonInALineThatHasIt) {
  const std::vector<PlanDocument> plans{plan_of("o1", {12 * kInch, 10 * kInch, 8 * kInch}, 5 * kPound)};
  const std::string rates =
      "carrier,service,zone,lb,price,surcharge\nups,g,5,6,10,\nups,g,5,7,11,\nups,g,5,8,12.5,\nups,,,,4,"
      "additional-handling\n";
  const Case cases[]{// billed_lb,l_in,w_in,h_in,weight_lb,surcharges,amount
                     {"7,12,10,8,5,,11", Reason::agrees, 0, false},
                     {"7,,,,,,11", Reason::agrees, 0, false},
                     {"7,12,10,8,5,,12", Reason::price, 0, true},
                     {"7,12,10,8,5,,10", Reason::price, 0, false},
                     {"8,12.2,10,8,5,,12.50", Reason::dimensions, 1, true},  // 13 x 10 x 8 = 1040 / 139 = 8
                     {"9,12,10,8,9,,", Reason::weight, 2, true},
                     {"9,12,10,8,5,,", Reason::arithmetic, 2, true},
                     {"6,12,10,8,5,,10", Reason::rule, -1, false},  // retail's divisor
                     {"7,12,10,8,5,additional-handling,15", Reason::surcharge, 0, true},
                     {"9,,,,,,", Reason::pounds, 2, true}};
  const RateTable table = read_rates(rates, "rates.csv").value();
  AuditRules rules;
  rules.all = shipped_rules();
  rules.carrier = "ups";
  rules.day = day_from("2026-03-01").value();
  rules.rates = &table;
  for (const Case& each : cases) {
    const std::string csv =
        std::string(
            "tracking,order,service,zone,billed_lb,l_in,w_in,h_in,weight_lb,surcharges,amount\n"
            "t1,o1,g,5,") +
        each.csv + "\n";
    const auto lines = read_invoice(csv, "i.csv");
    ASSERT_TRUE(lines) << lines.error().message;
    const Audit audit = audit_invoice(*lines, plans, rules).value();
    ASSERT_EQ(audit.lines.size(), 1U);
    const AuditedLine& line = audit.lines[0];
    EXPECT_EQ(name_of(line.reason), name_of(each.reason)) << each.csv << ": " << line.why;
    EXPECT_EQ(line.over_lb, each.over_lb) << each.csv;
    EXPECT_EQ(is_claim(line), each.claim) << each.csv;
    EXPECT_EQ(line.due.billed_lb, 7);
    EXPECT_TRUE(audit.not_billed.empty());
  }
}

TEST(Audit, UnknownTwiceAndNeverBilledParcels) {
  const std::vector<PlanDocument> plans{plan_of("o1", {12 * kInch, 10 * kInch, 8 * kInch}, 5 * kPound),
                                        plan_of("o2", {6 * kInch, 6 * kInch, 6 * kInch}, kPound)};
  const auto lines = read_invoice("tracking,order,billed_lb\nt1,o1,7\nt2,o1,7\nt1,o1,7\nt4,o9,3\n", "i.csv");
  ASSERT_TRUE(lines);
  AuditRules rules;
  rules.all = shipped_rules();
  rules.carrier = "ups";
  rules.day = day_from("2026-03-01").value();
  const Audit audit = audit_invoice(*lines, plans, rules).value();
  EXPECT_EQ(audit.lines[0].reason, Reason::agrees);
  EXPECT_EQ(audit.lines[1].why, "the parcel was asked for before");
  EXPECT_EQ(audit.lines[2].why, "the tracking number stands there before");
  EXPECT_EQ(audit.lines[3].reason, Reason::unknown);
  EXPECT_EQ(audit.lines[2].over_lb, 7);
  EXPECT_EQ(audit.claims(), 3U);
  ASSERT_EQ(audit.not_billed.size(), 1U);
  EXPECT_EQ(audit.not_billed[0].first, 1U);
  const std::string csv = claims_csv(audit, plans);
  EXPECT_NE(csv.find("t2,o1,1,duplicate,7,0,7,,,,B,12 x 10 x 8 in,5,ups-2026-01-26,"), std::string::npos)
      << csv;
}

// The rule of the day on which it was carried: nearest inch until 2025-08-17, up since.
TEST(Audit, EachLineIsJudgedByTheRulesOfItsDay) {
  const Size box{parse_length("12.4in").value(), 10 * kInch, 10 * kInch};
  const std::vector<PlanDocument> plans{plan_of("o1", box, kPound), plan_of("o2", box, kPound)};
  // 12 x 10 x 10 / 139 = 9 lb; 13 x 10 x 10 / 139 = 10 lb.
  const auto lines =
      read_invoice("tracking,order,billed_lb,day\nt1,o1,10,2025-08-17\nt2,o2,10,2025-08-18\n", "i.csv");
  ASSERT_TRUE(lines);
  AuditRules rules;
  rules.all = shipped_rules();
  rules.carrier = "ups";
  rules.day = day_from("2026-03-01").value();
  const Audit audit = audit_invoice(*lines, plans, rules).value();
  EXPECT_EQ(audit.lines[0].reason, Reason::rule);
  EXPECT_EQ(
      audit.lines[0].why,
      "9 lb by ups-before-2025-08-18, 10 lb is asked, which ups-2025-08-18 with divisor 139 would give");
  EXPECT_EQ(audit.lines[1].reason, Reason::agrees);
}

TEST(Audit, BadInvoicesAreRefusedWithThePlace) {
  const auto why = [](const char* text) {
    const auto read = read_invoice(text, "i.csv");
    return read ? "read" : read.error().message;
  };
  EXPECT_EQ(why(""), "i.csv: empty");
  EXPECT_EQ(why("tracking,order\nt,o\n"), "i.csv: the column 'billed' is missing");
  EXPECT_EQ(why("tracking,order,billed_lb\n,o,7\n"), "i.csv:2:1: no tracking number");
  EXPECT_EQ(why("tracking,order,billed_lb\n"), "i.csv: no line of a parcel in it");
  EXPECT_NE(why("tracking,order,billed_lb\nt,o,-7\n"), "read");
  EXPECT_NE(why("tracking,order,billed_lb\nt,o,7.5\n"), "read");
  EXPECT_NE(why("tracking,order,billed_lb,l\nt,o,7,3\n"), "read");
  EXPECT_NE(why("tracking,order,billed_lb,day\nt,o,7,yesterday\n"), "read");
  EXPECT_NE(why("tracking,order,billed_lb,amount\nt,o,7,-3\n"), "read");
}

// A name that a spreadsheet would run as a formula is written as text.
TEST(Audit, ClaimsAreNoFormulas) {
  const auto lines = read_invoice("tracking,order,billed_lb\n\"=1+1\",\"a,b\",3\n", "i.csv");
  ASSERT_TRUE(lines);
  AuditRules rules;
  rules.all = shipped_rules();
  rules.carrier = "ups";
  rules.day = day_from("2026-03-01").value();
  const std::string csv = claims_csv(audit_invoice(*lines, {}, rules).value(), {});
  EXPECT_NE(csv.find("\n'=1+1,\"a,b\",,unknown,3,0,3,"), std::string::npos) << csv;
}

}  // namespace
}  // namespace signalbox::pack
