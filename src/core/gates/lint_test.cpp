// The vacuity lint: conditions that say yes where they have no reason to are found, good ones are not.
#include <gtest/gtest.h>

#include "core/gates/condition.hpp"

namespace signalbox::gates {
namespace {

class LintTest : public ::testing::Test {
 protected:
  Lint found(std::string_view expression, std::string_view good = {},
             const std::vector<std::string>& allow_empty = {}) {
    const Json example = good.empty() ? Json() : *parse_json(good);
    auto result = lint(evaluator_, expression, good.empty() ? nullptr : &example, allow_empty);
    EXPECT_TRUE(result) << (result ? "" : result.error().message);
    return result ? *result : Lint{};
  }
  Evaluator evaluator_{{.deadline = std::chrono::milliseconds(2000)}};
};

using Lines = std::vector<std::string>;

constexpr std::string_view kTests =
    R"({"predicate":{"tests":10,"failures":0,"counts":{"error":0},"failed":[],"tool":"ctest","suites":[{"ok":true},{"ok":true}]}})";

TEST_F(LintTest, GoodConditionsPass) {
  for (const char* expression :
       {"gt(.predicate.tests; 0) and eq(.predicate.failures; 0)", "eq(.predicate.counts.error; 0)",
        "every(.predicate.suites; .ok)", "eq(.predicate.tool; \"ctest\")", ".predicate.failures == 0",
        "between(.predicate.tests; 1; 100)",
        ".predicate.failures == 0 and .age_s < 60 and num(.predicate.tests) > 3"}) {
    const Lint lint = found(expression, R"({"age_s":5,)" + std::string(kTests.substr(1)));
    EXPECT_EQ(lint.refusals, Lines{}) << expression;
    EXPECT_EQ(lint.warnings, Lines{}) << expression;
  }
}

TEST_F(LintTest, TrueOnNothingIsVacuous) {
  for (const char* expression :
       {"true", ".predicate.failures < 14.4", "(.predicate.cves | length) == 0",
        "[.predicate.cves[]?] | all(.score < 7)", ".age_s < 3600", ".predicate.failures != 1"}) {
    EXPECT_EQ(found(expression).refusals, Lines{"vacuous"}) << expression;
    EXPECT_EQ(found(expression, kTests).refusals, Lines{"vacuous"}) << expression;
  }
}

TEST_F(LintTest, WhatLooksAtNothingOfTheExampleIsVacuous) {
  EXPECT_EQ(
      found(".predicate != {} and .predicate != null and (.predicate | type) == \"object\"", kTests).refusals,
      Lines{"vacuous"});
}

TEST_F(LintTest, AFieldThatMayBeMissingFailsOpen) {
  EXPECT_EQ(found(".predicate.tests > 0 and .predicate.failures < 1", kTests).refusals,
            Lines{"fails open at .predicate.failures"});
  EXPECT_EQ(found("gt(.predicate.tests; 0) and (.predicate.failures // 0) == 0", kTests).refusals,
            Lines{"fails open at .predicate.failures"});
  EXPECT_EQ(
      found("gt(.predicate.tests; 0) and (.predicate.counts.error | . == null or . == 0)", kTests).refusals,
      (Lines{"fails open at .predicate.counts", "fails open at .predicate.counts.error"}));
  EXPECT_EQ(found("gt(.predicate.tests; 0) and all(.predicate.suites[]; .ok != false)", kTests).refusals,
            (Lines{"fails open at .predicate.suites[0]", "fails open at .predicate.suites[0].ok",
                   "fails open at .predicate.suites[1]", "fails open at .predicate.suites[1].ok"}));
  EXPECT_EQ(found("gt(.predicate.tests; 0) and (try eq(.predicate.failures; 0) catch true)", kTests).refusals,
            Lines{"fails open at .predicate.failures"});
  EXPECT_EQ(found("gt(.predicate.tests; 0) and ((.predicate | has(\"failures\") | not) or "
                  "eq(.predicate.failures; 0))",
                  kTests)
                .refusals,
            Lines{"fails open at .predicate.failures"});
}

TEST_F(LintTest, TheStatementIsThePredicateToo) {
  EXPECT_EQ(found("eq(.statement.predicate.failures; 0)",
                  R"({"predicate":{"failures":0},"statement":{"predicate":{"failures":0}}})")
                .refusals,
            Lines{});
}

TEST_F(LintTest, ALaxTrainFieldFailsOpenToo) {
  EXPECT_EQ(
      found(".predicate.a == 1 and .train.risk < 5", R"({"predicate":{"a":1},"train":{"risk":2}})").refusals,
      Lines{"fails open at .train.risk"});
}

TEST_F(LintTest, AnEmptyArrayThatPassesIsAWarningUnlessAllowed) {
  const std::string good = R"({"predicate":{"tests":1,"cves":[{"score":3}],"groups":[{"cves":[]}]}})";
  const char* const all = "gt(.predicate.tests; 0) and (arr(.predicate.cves) | all(.[]; lt(.score; 7)))";
  EXPECT_EQ(found(all, good).refusals, Lines{});
  EXPECT_EQ(found(all, good).warnings, Lines{"empty-array-passes at .predicate.cves"});
  EXPECT_EQ(found(all, good, {".predicate.cves"}).warnings, Lines{});
  EXPECT_EQ(found(all, good, {"predicate.cves"}).warnings, Lines{});
  EXPECT_EQ(found(".predicate.tests > 0", good).warnings, Lines{"empty-array-passes at .predicate.tests"})
      << "jq holds every array to be more than any number";
  const char* const nested = "every(.predicate.groups; none(.cves))";
  EXPECT_EQ(found(nested, good).warnings, Lines{"empty-array-passes at .predicate.groups[0].cves"});
  EXPECT_EQ(found(nested, good, {".predicate.groups[].cves"}).warnings, Lines{});
}

TEST_F(LintTest, AnExampleThatDoesNotPassTeachesNothing) {
  const Lint lint = found("eq(.predicate.failures; 0)", R"({"predicate":{"failures":3}})");
  EXPECT_EQ(lint.refusals, Lines{});
  EXPECT_EQ(lint.warnings, Lines{"the example does not pass, so only empty input was tried"});
}

TEST_F(LintTest, WhatDoesNotCompileIsRefused) {
  EXPECT_EQ(found("surely(.x)").refusals, Lines{"line 1: surely/1 is not defined"});
  EXPECT_EQ(
      found("now > 5").refusals,
      Lines{"line 1, column 1: `now` is refused: write .now: the time of the decision in Unix seconds"});
}

TEST_F(LintTest, ALargeExampleIsSampledAndSaysSo) {
  Json list = Json::array();
  for (int i = 0; i < 600; ++i) list.push_back(i);
  const Json good = Json::object({{"predicate", Json::object({{"n", 1}, {"list", std::move(list)}})}});
  const auto result = lint(evaluator_, "(.predicate | eq(.n; 1))", &good, {});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->refusals, Lines{});
  EXPECT_EQ(result->warnings, Lines{"only 500 of 602 paths of the example were tried"});
  // Of a plain condition it is known what it does not look at.
  const auto plain = lint(evaluator_, "eq(.predicate.n; 1)", &good, {});
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->refusals, Lines{});
  EXPECT_EQ(plain->warnings, Lines{});
}

// A plain condition and the same with something that only jq knows behind it: by different ways to one
// answer.
TEST_F(LintTest, APlainConditionIsFoundOutAsAnyOther) {
  const std::string good =
      R"({"age_s":5,"train":{"risk":2,"note":null},"predicate":{"tests":10,"failures":0,"ok":true,"note":null,"names":["a","b"],)"
      R"("groups":{"x":{"ok":true,"n":1},"y":{"ok":true,"n":null}},"list":[{"name":"u","ok":true},{"name":"v","ok":true}],"tool":"ctest"}})";
  Json example = *parse_json(good);
  example.set("statement", Json::object({{"predicate", example["predicate"]}}));
  std::size_t refused = 0;
  for (const std::string expression : {
           "gt(.predicate.tests; 0) and eq(.predicate.failures; 0)",
           "gt(.predicate.tests; 0) and .predicate.failures < 1",
           "gt(.predicate.tests; 0) and .predicate.failures == 0",
           "gt(.predicate.tests; 0) and .predicate.note == null",
           "gt(.predicate.tests; 0) and (.predicate.note | not)",
           "gt(.predicate.tests; 0) or eq(.predicate.failures; 0)",
           "every(.predicate.list; eq(.ok; true))",
           "every(.predicate.list; .ok != false) and gt(.predicate.tests; 1)",
           "every(.predicate.groups; .ok)",
           "every(.predicate.groups; .ok) or eq(.predicate.tests; 10)",
           "every(.predicate.names; (. | IN(\"a\", \"b\")))",
           "bool(.predicate.ok) and (.predicate.tool | IN(\"ctest\", \"gtest\"))",
           "eq(.statement.predicate.failures; .predicate.failures)",
           "eq(.statement.predicate.tests; 10) and le(.train.risk; 3)",
           "lt(.age_s; 60)",
           "eq(.predicate.tests; .predicate.tests)",
           "none(.predicate.names) or gt(.predicate.tests; 3)",
           "(bool(.predicate.ok) | not | not) and ne(.predicate.tool; \"\")",
       }) {
    const auto plain = lint(evaluator_, expression, &example, {});
    const auto by_jq = lint(evaluator_, "(" + expression + ") | .", &example, {});
    ASSERT_TRUE(plain && by_jq) << expression;
    EXPECT_EQ(plain->refusals, by_jq->refusals) << expression;
    EXPECT_EQ(plain->warnings, by_jq->warnings) << expression;
    if (!plain->refusals.empty()) ++refused;
  }
  EXPECT_EQ(refused, 4U);  // failures < 1, note == null, note | not, ok != false
}

}  // namespace
}  // namespace signalbox::gates
