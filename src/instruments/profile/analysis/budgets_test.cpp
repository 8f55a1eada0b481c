#include "instruments/profile/analysis/budgets.hpp"

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/testing.hpp"

namespace signalbox::profile {
namespace {

Result<Budgets> parsed(std::string_view yaml) {
  return parse_budgets(config::parse_yaml(yaml, "signalbox.yaml").value()["budgets"]);
}

std::string complaint(std::string_view yaml) {
  const auto budgets = parsed(yaml);
  return budgets ? "none" : budgets.error().message;
}

TEST(Budgets, AreReadAsTheyAreWritten) {
  const Budgets budgets = parsed(R"(
budgets:
  functions:
    "^json::": {max_share: 20 %}
    "^db::query": {max_ns_per_op: 1200.5, max_share: 0.4}
  total: {max_ns_per_op: 5e6}
  allow: ["^bench::", warm_up]
  owners: {"^json::": parsing, "::": everybody}
  floor: {relative: 0.1}
)")
                              .value();
  ASSERT_EQ(budgets.functions.size(), 2U);
  EXPECT_DOUBLE_EQ(*budgets.functions[0].max_share, 0.2);
  EXPECT_EQ(budgets.functions[1].functions.text(), "^db::query");
  EXPECT_DOUBLE_EQ(*budgets.functions[1].max_ns_per_op, 1200.5);
  EXPECT_DOUBLE_EQ(*budgets.total_max_ns_per_op, 5e6);
  EXPECT_TRUE(budgets.allows("bench::main"));
  EXPECT_TRUE(budgets.allows("do_warm_up()"));
  EXPECT_FALSE(budgets.allows("json::parse"));
  EXPECT_EQ(budgets.owner_of("json::parse"), "parsing");
  EXPECT_EQ(budgets.owner_of("db::query"), "everybody");
  EXPECT_EQ(budgets.owner_of("main"), "");
  EXPECT_DOUBLE_EQ(budgets.floor.relative, 0.1);
  EXPECT_DOUBLE_EQ(budgets.floor.of_total, 0.005);
  EXPECT_EQ(budgets.source["allow"].size(), 2U);
}

TEST(Budgets, OfTheDocumentationAreRight) {
  const std::string page = read_file(testing::source_directory() / "docs/profile_check.md").value();
  const std::size_t begin = page.find("profile:\n  budgets:");
  ASSERT_NE(begin, std::string::npos);
  const auto yaml = config::parse_yaml(page.substr(begin, page.find("```", begin) - begin), "page").value();
  const auto budgets = parse_budgets(yaml["profile"]["budgets"]);
  ASSERT_TRUE(budgets) << budgets.error().message;
  EXPECT_EQ(budgets->functions.size(), 2U);
  EXPECT_DOUBLE_EQ(budgets->floor.of_total, 0.005);
}

TEST(Budgets, NoneAreNoLimits) {
  const Budgets budgets = parsed("x: 1").value();
  EXPECT_TRUE(budgets.functions.empty());
  EXPECT_TRUE(budgets.source.is_null());
  EXPECT_DOUBLE_EQ(parsed("budgets: {total: 12}").value().total_max_ns_per_op.value(), 12);
}

TEST(Budgets, WhatIsWrongIsToldWithItsPlace) {
  EXPECT_NE(complaint("budgets: 3").find("signalbox.yaml:1:10"), std::string::npos)
      << complaint("budgets: 3");
  EXPECT_NE(complaint("budgets:\n  function: {}").find("signalbox.yaml:2:3"), std::string::npos)
      << complaint("budgets:\n  function: {}");
  const std::string share = complaint("budgets:\n  functions:\n    main: {max_share: 120 %}");
  EXPECT_NE(share.find("signalbox.yaml:3:23"), std::string::npos) << share;
  EXPECT_NE(share.find("`120 %` is no share"), std::string::npos) << share;
  const std::string expression = complaint("budgets:\n  functions:\n    \"f(\": {max_share: 0.1}");
  EXPECT_NE(expression.find("`f(` is no regular expression"), std::string::npos) << expression;
  EXPECT_NE(expression.find("signalbox.yaml:3:"), std::string::npos) << expression;
  for (const char* yaml :
       {"budgets: {functions: [a]}", "budgets: {functions: {a: 3}}", "budgets: {functions: {a: {}}}",
        "budgets: {functions: {a: {max_share: 0}}}", "budgets: {functions: {a: {max_ns_per_op: -1}}}",
        "budgets: {functions: {a: {max_ns_per_op: .inf}}}", "budgets: {functions: {\"\": {max_share: 0.1}}}",
        "budgets: {total: much}", "budgets: {allow: ['(']}", "budgets: {owners: {'(': me}}",
        "budgets: {owners: me}", "budgets: {floor: {relative: 2}}", "budgets: {floor: {absolute: 2}}"}) {
    EXPECT_NE(complaint(yaml).find("signalbox.yaml:1:"), std::string::npos)
        << yaml << ": " << complaint(yaml);
  }
}

}  // namespace
}  // namespace signalbox::profile
