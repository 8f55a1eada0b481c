#include "instruments/profile/analysis/check.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "core/stats/testing_r.hpp"
#include "instruments/profile/analysis/fixture.hpp"
#include "instruments/profile/analysis/simulation.hpp"

namespace signalbox::profile {
namespace {

// Runs of a side, kept alive.
class Runs {
 public:
  Runs& add(Profile profile) {
    profiles_.push_back(std::move(profile));
    return *this;
  }
  CheckSide side(std::optional<double> work) const {
    CheckSide out;
    if (work) out.work.assign(profiles_.size(), *work);
    for (std::size_t i = 0; i < profiles_.size(); ++i)
      out.runs.push_back({"run" + std::to_string(i + 1), &profiles_[i]});
    return out;
  }

 private:
  std::vector<Profile> profiles_;
};

// main calls parse and print, so often in each run.
Runs runs_of(const std::vector<std::pair<int, int>>& counts) {
  Runs out;
  for (const auto& [parse, print] : counts)
    out.add(fixture::StackWriter().add("main;parse", parse).add("main;print", print).finish());
  return out;
}

const CostTest& test_of(const CheckResult& result, std::string_view name, CostKind kind) {
  const auto found = std::find_if(result.tests.begin(), result.tests.end(), [&](const CostTest& test) {
    return test.function.name == name && test.kind == kind;
  });
  EXPECT_NE(found, result.tests.end()) << name;
  return found == result.tests.end() ? result.tests.front() : *found;
}

Budgets budgets_of(std::string_view yaml) {
  return parse_budgets(config::parse_yaml(yaml, "signalbox.yaml").value()).value();
}

TEST(Check, OfThreeRunsIsWelchsTestAdjustedAsRHasIt) {
  SIGNALBOX_NEEDS_R();
  const Runs base = runs_of({{300, 700}, {310, 690}, {295, 720}});
  const Runs fresh = runs_of({{345, 705}, {352, 695}, {340, 700}});
  const CheckResult result = check(base.side(10), fresh.side(10), {}, {}).value();
  EXPECT_EQ(result.method, CheckMethod::welch);
  EXPECT_EQ(result.basis, CheckBasis::work);
  namespace r = stats::testing;
  r::R oracle;
  const double ns = static_cast<double>(fixture::kPeriod_ns) / 10;
  const auto ask = [&](r::Values base_runs, r::Values fresh_runs) {
    for (double& value : base_runs) value *= ns;
    for (double& value : fresh_runs) value *= ns;
    oracle.ask(fmt::format("welch 0.95 {} {}", r::text(fresh_runs), r::text(base_runs)));
  };
  ask({300, 310, 295}, {345, 352, 340});
  ask({700, 690, 720}, {705, 695, 700});
  ask({1000, 1000, 1015}, {1050, 1047, 1040});
  const auto answers = oracle.answers();
  ASSERT_EQ(answers.size(), 3U);
  const CostTest& parse = test_of(result, "parse", CostKind::self);
  const CostTest& print = test_of(result, "print", CostKind::self);
  const CostTest& main = test_of(result, "main", CostKind::cumulative);
  EXPECT_NEAR(parse.p_value, answers[0][2], 1e-9);
  EXPECT_NEAR(parse.difference.lower, answers[0][3], 1);
  EXPECT_NEAR(parse.difference.upper, answers[0][4], 1);
  EXPECT_NEAR(print.p_value, answers[1][2], 1e-9);
  EXPECT_NEAR(main.p_value, answers[2][2], 1e-9);
  ASSERT_TRUE(result.total);
  EXPECT_NEAR(result.total->p_value, answers[2][2], 1e-9);
  ASSERT_EQ(result.tests.size(), 3U) << "leaves are tested once";
  r::R adjust;
  adjust.ask("adjust " + r::text({answers[0][2], answers[1][2], answers[2][2]}));
  const auto adjusted = adjust.answers();
  EXPECT_NEAR(parse.q_value, adjusted[0][0], 1e-9);
  EXPECT_NEAR(print.q_value, adjusted[0][1], 1e-9);
  EXPECT_NEAR(main.q_value, adjusted[0][2], 1e-9);
}

TEST(Check, ARegressionIsNamedWithItsCost) {
  const Runs base = runs_of({{300, 700}, {301, 699}, {299, 702}});
  const Runs fresh = runs_of({{345, 700}, {346, 699}, {344, 702}});
  const CheckResult result =
      check(base.side(10), fresh.side(10), budgets_of("owners: {parse: readers}"), {}).value();
  EXPECT_TRUE(result.has_regressed());
  EXPECT_EQ(result.tests.front().function.name, "parse");
  EXPECT_EQ(result.tests.front().kind, CostKind::self);
  EXPECT_NEAR(result.tests.front().relative(), 0.15, 1e-9);
  const Report report = check_report(result, 10);
  EXPECT_EQ(report.verdict, Verdict::fail);
  EXPECT_NE(report.summary.find("parse: self cost +15.0 % (300 ms → 345 ms cpu per unit of work"),
            std::string::npos)
      << report.summary;
  ASSERT_FALSE(report.findings.empty());
  EXPECT_NE(report.findings.front().message.find("readers answers for it"), std::string::npos);
  const std::string junit = render_junit(report);
  EXPECT_NE(junit.find("<failure"), std::string::npos);
  // main rose by 4.5 %: below the floor of 5 %, however sure.
  EXPECT_EQ(test_of(result, "main", CostKind::cumulative).verdict, CostVerdict::same);
  EXPECT_EQ(result.total->verdict, CostVerdict::same);
  EXPECT_LT(result.total->p_value, 1e-6);
}

TEST(Check, TheSameRunsPass) {
  const Runs runs = runs_of({{300, 700}, {310, 690}, {295, 720}});
  const CheckResult result = check(runs.side(10), runs.side(10), {}, {}).value();
  EXPECT_FALSE(result.has_regressed());
  const Report report = check_report(result, 10);
  EXPECT_EQ(report.verdict, Verdict::pass);
  EXPECT_EQ(report.summary, "no regression in 3 tests");
}

TEST(Check, AnImprovementIsNoRegression) {
  const Runs base = runs_of({{345, 700}, {346, 699}, {344, 702}});
  const Runs fresh = runs_of({{300, 700}, {301, 699}, {299, 702}});
  const CheckResult result = check(base.side(1), fresh.side(1), {}, {}).value();
  EXPECT_FALSE(result.has_regressed());
  EXPECT_EQ(test_of(result, "parse", CostKind::self).verdict, CostVerdict::improved);
}

TEST(Check, OfOneRunIsTheTestOfTwoProportionsAsRHasIt) {
  SIGNALBOX_NEEDS_R();
  const Runs base = runs_of({{600, 2'400}});
  const Runs fresh = runs_of({{700, 2'500}});
  const CheckResult result = check(base.side({}), fresh.side({}), {}, {}).value();
  EXPECT_EQ(result.method, CheckMethod::pooled);
  EXPECT_EQ(result.basis, CheckBasis::composition);
  EXPECT_FALSE(result.total);
  stats::testing::R oracle;
  oracle.ask("prop 700 3200 600 3000");
  EXPECT_NEAR(test_of(result, "parse", CostKind::self).p_value, oracle.answers()[0][0], 1e-9);
  const Report report = check_report(result, 10);
  EXPECT_NE(report.summary.find("composition only"), std::string::npos) << report.summary;
}

// The spec's pitfall: a uniform slowdown is invisible in shares, and seen per unit of work.
TEST(Check, AUniformSlowdownIsSeenPerUnitOfWorkAlone) {
  const Runs base = runs_of({{3'000, 7'000}});
  const Runs fresh = runs_of({{3'600, 8'400}});
  EXPECT_FALSE(check(base.side({}), fresh.side({}), {}, {}).value().has_regressed());
  const CheckResult result = check(base.side(5), fresh.side(5), {}, {}).value();
  EXPECT_TRUE(result.has_regressed());
  EXPECT_EQ(result.total->verdict, CostVerdict::regressed);
  EXPECT_NEAR(result.total->relative(), 0.2, 1e-9);
  // Twice the work at twice the cost is the same.
  EXPECT_FALSE(check(base.side(5), fresh.side(6), {}, {}).value().has_regressed());
}

// z of two counts: (3600 - 3000) / sqrt(3600 + 3000), worked by hand.
TEST(Check, OfOneRunPerUnitOfWorkIsTheTestOfTwoCounts) {
  const Runs base = runs_of({{3'000, 7'000}});
  const Runs fresh = runs_of({{3'600, 8'400}});
  const CheckResult result = check(base.side(5), fresh.side(5), {}, {}).value();
  const double z = 600 / std::sqrt(6'600.0);
  EXPECT_NEAR(test_of(result, "parse", CostKind::self).p_value, std::erfc(z / std::sqrt(2.0)), 1e-15);
}

TEST(Check, RunsThatAgreeToTheLastSampleStillVaryAsSamplesDo) {
  const Runs base = runs_of({{20, 980}, {20, 980}, {20, 980}});
  const Runs fresh = runs_of({{22, 980}, {22, 980}, {22, 980}});
  const CheckResult result = check(base.side(1), fresh.side(1), {}, {}).value();
  EXPECT_FALSE(result.has_regressed());
  EXPECT_GT(test_of(result, "parse", CostKind::self).p_value, 0.5);  // 66 beside 60
}

TEST(Check, WhatIsNewIsARegressionOfItself) {
  Runs base;
  Runs fresh;
  for (int i = 0; i < 3; ++i) {
    base.add(fixture::StackWriter().add("main;work", 1'000 + i).finish());
    fresh.add(fixture::StackWriter().add("main;work", 1'000 + i).add("main;log", 80 + i).finish());
  }
  const CheckResult result = check(base.side(1), fresh.side(1), {}, {}).value();
  const CostTest& log = test_of(result, "log", CostKind::self);
  EXPECT_EQ(log.verdict, CostVerdict::regressed);
  EXPECT_EQ(log.base, 0);
  EXPECT_EQ(log.relative(), 1);
}

TEST(Check, AllowedFunctionsExcuseTheirCallers) {
  const Runs base = runs_of({{300, 700}, {301, 699}, {299, 702}});
  const Runs fresh = runs_of({{450, 700}, {451, 699}, {449, 702}});
  const CheckResult strict = check(base.side(1), fresh.side(1), {}, {}).value();
  EXPECT_EQ(strict.total->verdict, CostVerdict::regressed);
  EXPECT_EQ(test_of(strict, "main", CostKind::cumulative).verdict, CostVerdict::regressed);
  const CheckResult result = check(base.side(1), fresh.side(1), budgets_of("allow: [^parse$]"), {}).value();
  EXPECT_FALSE(result.has_regressed());
  EXPECT_EQ(test_of(result, "parse", CostKind::self).verdict, CostVerdict::allowed);
  EXPECT_EQ(test_of(result, "main", CostKind::cumulative).verdict, CostVerdict::allowed);
  EXPECT_EQ(result.total->verdict, CostVerdict::allowed);
  // Another one below the same caller still counts.
  const Runs both = runs_of({{450, 840}, {451, 839}, {449, 842}});
  const CheckResult worse = check(base.side(1), both.side(1), budgets_of("allow: [^parse$]"), {}).value();
  EXPECT_TRUE(worse.has_regressed());
  EXPECT_EQ(test_of(worse, "print", CostKind::self).verdict, CostVerdict::regressed);
  EXPECT_EQ(test_of(worse, "main", CostKind::cumulative).verdict, CostVerdict::regressed);
}

TEST(Check, WhatTheProfilerSaysOfItselfIsNotTested) {
  Runs base;
  Runs fresh;
  for (int i = 0; i < 3; ++i) {
    base.add(fixture::StackWriter().add("main", 1'000 + i).finish());
    fresh.add(fixture::StackWriter().add("main", 1'000 + i).add("[lost]", 40 + i).finish());
  }
  const CheckResult result = check(base.side(1), fresh.side(1), {}, {}).value();
  EXPECT_EQ(result.tests.size(), 1U);
  EXPECT_NEAR(result.total->relative(), 0.041, 0.001) << "but it counts";
}

TEST(Check, FunctionsBelowHalfAPercentAreNotTested) {
  const Runs base = runs_of({{4, 996}, {4, 996}, {4, 996}});
  const CheckResult result = check(base.side(1), base.side(1), {}, {}).value();
  EXPECT_TRUE(std::none_of(result.tests.begin(), result.tests.end(),
                           [](const CostTest& test) { return test.function.name == "parse"; }));
}

TEST(Check, BudgetsAreJudgedByTheirInterval) {
  const Runs base = runs_of({{300, 700}});
  const Runs fresh = runs_of({{300, 700}});
  const auto verdict = [&](std::string_view yaml) {
    return check(base.side(2), fresh.side(2), budgets_of(yaml), {}).value().budgets.at(0);
  };
  EXPECT_EQ(verdict("functions: {parse: {max_share: 0.35}}").verdict, Verdict::pass);
  EXPECT_EQ(verdict("functions: {parse: {max_share: 0.29}}").verdict, Verdict::warn);
  EXPECT_EQ(verdict("functions: {parse: {max_share: 0.2}}").verdict, Verdict::fail);
  const BudgetTest both = verdict("functions: {parse|print|main: {max_ns_per_op: 4e9}}");
  EXPECT_DOUBLE_EQ(both.measured, 5e9) << "a stack counts once";
  EXPECT_EQ(both.verdict, Verdict::fail);
  EXPECT_EQ(verdict("total: 5.2e9").verdict, Verdict::pass);
  EXPECT_EQ(verdict("total: 4e9").verdict, Verdict::fail);
  const CheckResult over = check(base.side(2), fresh.side(2), budgets_of("total: 4e9"), {}).value();
  EXPECT_TRUE(over.has_regressed());
  EXPECT_EQ(check_report(over, 5).summary, "over budget: 1 limit");
}

TEST(Check, ABudgetPerUnitOfWorkNeedsWork) {
  const Runs runs = runs_of({{300, 700}});
  const auto result = check(runs.side({}), runs.side({}), budgets_of("total: 4e9"), {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::bad_input);
}

TEST(Check, EachRunHasWorkOfItsOwn) {
  Runs base = runs_of({{300, 700}, {600, 1'400}, {301, 700}});
  CheckSide side = base.side(1);
  side.work = {10, 20, 10};
  const CheckResult result = check(side, side, {}, {}).value();
  EXPECT_NEAR(test_of(result, "parse", CostKind::self).base, (30 + 30 + 30.1) / 3 * fixture::kPeriod_ns, 1);
  side.work = {10, 20};
  EXPECT_FALSE(check(side, side, {}, {}));
}

TEST(Check, BadSidesAreRefused) {
  const Runs runs = runs_of({{300, 700}});
  EXPECT_FALSE(check({}, runs.side({}), {}, {}));
  EXPECT_FALSE(check(runs.side({}), {}, {}, {}));
  EXPECT_FALSE(check(runs.side(0), runs.side(1), {}, {}));
  EXPECT_FALSE(check(runs.side(1), runs.side(NAN), {}, {}));
  Runs nothing;
  nothing.add(fixture::StackWriter().finish());
  const auto empty = check(runs.side(1), nothing.side(1), {}, {});
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().message, "run1 holds no cpu");
}

}  // namespace
}  // namespace signalbox::profile
