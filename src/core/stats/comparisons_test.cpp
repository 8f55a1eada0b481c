#include "core/stats/comparisons.hpp"

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/stats/student.hpp"
#include "core/stats/testing_r.hpp"

namespace signalbox::stats {
namespace {

TEST(Student, AgreesWithRInBothTailsAndForAnyFreedom) {
  SIGNALBOX_NEEDS_R();
  testing::R r;
  struct Case {
    double t, freedom;
  };
  std::vector<Case> cases;
  for (const double t : {-40.0, -3.0, -1e-6, 0.0, 0.5, 2.0, 12.706, 500.0}) {
    for (const double freedom : {0.7, 1.0, 2.0, 3.9, 30.0, 5'000.0}) cases.push_back({t, freedom});
  }
  for (const Case& c : cases) r.ask(fmt::format("student {:.17g} {:.17g}", c.t, c.freedom));
  const auto answers = r.answers();
  ASSERT_EQ(answers.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string question = fmt::format("t {} freedom {}", cases[i].t, cases[i].freedom);
    EXPECT_NEAR(student_below(cases[i].t, cases[i].freedom), answers[i][0], 1e-12) << question;
    const double two_sided = answers[i][1];
    EXPECT_NEAR(student_two_sided(cases[i].t, cases[i].freedom), two_sided, 1e-9 * two_sided) << question;
  }
}

TEST(Student, QuantilesAgreeWithR) {
  SIGNALBOX_NEEDS_R();
  testing::R r;
  struct Case {
    double probability, freedom;
  };
  std::vector<Case> cases;
  for (const double probability : {1e-7, 0.025, 0.4, 0.5, 0.975, 0.9995}) {
    for (const double freedom : {0.7, 1.0, 2.0, 4.4, 300.0}) cases.push_back({probability, freedom});
  }
  for (const Case& c : cases) r.ask(fmt::format("studentq {:.17g} {:.17g}", c.probability, c.freedom));
  const auto answers = r.answers();
  ASSERT_EQ(answers.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const double theirs = answers[i][0];
    EXPECT_NEAR(student_quantile(cases[i].probability, cases[i].freedom), theirs,
                1e-8 * std::max(1.0, std::abs(theirs)))
        << cases[i].probability << " " << cases[i].freedom;
  }
}

TEST(Student, TableValues) {
  EXPECT_NEAR(student_quantile(0.975, 4), 2.776, 5e-4);
  EXPECT_NEAR(student_below(1, 1), 0.75, 1e-15);  // Cauchy: 1/2 + atan(1)/π
  EXPECT_EQ(student_two_sided(HUGE_VAL, 3), 0);
  EXPECT_EQ(student_two_sided(0, 3), 1);
}

TEST(Welch, AgreesWithR) {
  SIGNALBOX_NEEDS_R();
  std::mt19937_64 random(20260304);
  std::vector<std::pair<testing::Values, testing::Values>> cases;
  for (const double shift : {0.0, 0.3, 4.0}) {
    for (const auto& [m, n] : {std::pair<std::size_t, std::size_t>{3, 3}, {2, 9}, {30, 11}}) {
      testing::Values x(m);
      testing::Values y(n);
      for (double& value : x) value = std::normal_distribution<double>(10 + shift, 2)(random);
      for (double& value : y) value = std::normal_distribution<double>(10, 0.3)(random);
      cases.emplace_back(x, y);
    }
  }
  cases.push_back({{3, 4, 5}, {0, 0, 0}});  // one side does not vary
  testing::R r;
  for (const auto& [x, y] : cases) r.ask(fmt::format("welch 0.95 {} {}", testing::text(x), testing::text(y)));
  const auto answers = r.answers();
  ASSERT_EQ(answers.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Welch ours = welch(cases[i].first, cases[i].second);
    const testing::Values& theirs = answers[i];
    EXPECT_NEAR(ours.t, theirs[0], 1e-9 * std::abs(theirs[0])) << i;
    EXPECT_NEAR(ours.freedom, theirs[1], 1e-9 * theirs[1]) << i;
    EXPECT_NEAR(ours.p_value, theirs[2], 1e-9 * theirs[2]) << i;
    const Interval interval = interval_of(ours, 0.95);
    EXPECT_NEAR(interval.lower, theirs[3], 1e-7) << i;
    EXPECT_NEAR(interval.upper, theirs[4], 1e-7) << i;
  }
}

TEST(Welch, OfTwoSamplesThatDoNotVarySaysNothing) {
  const Welch test = welch(testing::Values{5, 5, 5}, testing::Values{6, 6});
  EXPECT_EQ(test.difference, -1);
  EXPECT_EQ(test.p_value, 1);
  EXPECT_EQ(test.freedom, 0);
}

TEST(TwoProportions, AgreeWithR) {
  SIGNALBOX_NEEDS_R();
  struct Case {
    double k, n, j, m;
  };
  const std::vector<Case> cases = {
      {600, 3'000, 660, 3'000}, {3, 100, 9, 90}, {0, 500, 5, 400}, {70, 70, 60, 80}};
  testing::R r;
  for (const Case& c : cases) r.ask(fmt::format("prop {} {} {} {}", c.k, c.n, c.j, c.m));
  const auto answers = r.answers();
  ASSERT_EQ(answers.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    EXPECT_NEAR(two_proportions({c.k / c.n, c.n}, {c.j / c.m, c.m}), answers[i][0], 1e-9) << i;
  }
  EXPECT_EQ(two_proportions({0, 10}, {0, 10}), 1);
}

TEST(DifferenceOfShares, IsAsNewcombePublishedIt) {
  // Statistics in Medicine 17 (1998), table II, method 10: 56/70 - 48/80 and 9/10 - 3/10.
  const Interval first = difference_of_shares({56.0 / 70, 70}, {48.0 / 80, 80}, 0.95);
  EXPECT_NEAR(first.lower, 0.0524, 5e-5);
  EXPECT_NEAR(first.upper, 0.3339, 5e-5);
  const Interval second = difference_of_shares({0.9, 10}, {0.3, 10}, 0.95);
  EXPECT_NEAR(second.lower, 0.1705, 5e-5);
  EXPECT_NEAR(second.upper, 0.8090, 5e-5);
}

TEST(DifferenceOfShares, ScalesWithItsTotals) {
  const Interval once = difference_of_shares({0.4, 200}, {0.3, 100}, 0.95);
  const Interval tenfold = difference_of_shares({0.4, 200}, {0.3, 100}, 0.95, 10, 10);
  EXPECT_NEAR(tenfold.lower, 10 * once.lower, 1e-12);
  EXPECT_NEAR(tenfold.upper, 10 * once.upper, 1e-12);
}

TEST(BenjaminiHochberg, AgreesWithR) {
  SIGNALBOX_NEEDS_R();
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> any(0, 1);
  testing::R r;
  std::vector<testing::Values> cases = {{0.01, 0.04, 0.03, 0.005, 0.9}, {0.5}, {0.2, 0.2, 0.2, 1, 0}};
  cases.emplace_back();
  for (int i = 0; i < 200; ++i) cases.back().push_back(std::pow(any(random), 3));
  for (const testing::Values& p : cases) r.ask("adjust " + testing::text(p));
  const auto answers = r.answers();
  ASSERT_EQ(answers.size(), cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto ours = benjamini_hochberg(cases[i]);
    ASSERT_EQ(ours.size(), answers[i].size());
    for (std::size_t k = 0; k < ours.size(); ++k) EXPECT_NEAR(ours[k], answers[i][k], 1e-14) << i << " " << k;
  }
  EXPECT_TRUE(benjamini_hochberg({}).empty());
}

}  // namespace
}  // namespace signalbox::stats
