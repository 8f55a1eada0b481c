#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "core/stats/beta.hpp"
#include "core/stats/intervals.hpp"
#include "core/stats/samples.hpp"
#include "core/stats/testing_r.hpp"

namespace signalbox::stats {
namespace {

using testing::R;
using testing::text;
using testing::Values;

void expect_near(double ours, double theirs, double tolerance, const std::string& question) {
  if (std::isinf(theirs) || std::isinf(ours)) {
    EXPECT_EQ(ours, theirs) << question;
  } else {
    EXPECT_NEAR(ours, theirs, tolerance * std::max(1.0, std::abs(theirs))) << question;
  }
}

TEST(Beta, AgreesWithRInBothTailsHoweverSmall) {
  SIGNALBOX_NEEDS_R();
  R r;
  struct Case {
    double x, a, b;
  };
  std::vector<Case> cases;
  for (const double x : {1e-12, 0.001, 0.05, 0.5, 0.95, 1 - 1e-9}) {
    for (const double a : {0.5, 1.0, 7.0, 300.0, 20'001.0, 1e6}) {
      for (const double b : {0.5, 1.0, 13.0, 900.0, 360'001.0}) {
        if (a < 1e4 || b != 13) cases.push_back({x, a, b});  // R 4.2.2 loses tails there; see below
      }
    }
  }
  cases.push_back({0, 1, 1});
  cases.push_back({1, 1, 1});
  for (const Case& c : cases) {
    r.ask(fmt::format("lbeta {} {}", c.a, c.b));
    r.ask(fmt::format("below {:.17g} {} {}", c.x, c.a, c.b));
    r.ask(fmt::format("above {:.17g} {} {}", c.x, c.a, c.b));
  }
  const std::vector<Values> answers = r.answers();
  ASSERT_EQ(answers.size(), 3 * cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    const std::string question = fmt::format("x {:.17g} a {} b {}", c.x, c.a, c.b);
    expect_near(log_beta(c.a, c.b), answers[3 * i][0], 1e-9, question);
    expect_near(log_beta_below(c.x, c.a, c.b), answers[3 * i + 1][0], 2e-9, "below " + question);
    expect_near(log_beta_above(c.x, c.a, c.b), answers[3 * i + 2][0], 2e-9, "above " + question);
  }
}

// For a whole b: I_x(a, b) = x^a Σ C(a+j-1, j) (1-x)^j over j < b (DLMF 8.17.5), term by term in logarithms.
TEST(Beta, FarTailsAreThoseOfTheFiniteSum) {
  for (const double a : {20'001.0, 1e6}) {
    for (const double x : {0.5, 0.95}) {
      double sum = 0;  // of the terms, beside the last and largest one
      double log_term = 0;
      for (int j = 1; j < 13; ++j) {
        const double step = std::log((a + j - 1) / j * (1 - x));
        sum = (sum + 1) * std::exp(-step);
        log_term += step;
      }
      const double expected = a * std::log(x) + log_term + std::log1p(sum);
      EXPECT_NEAR(log_beta_below(x, a, 13), expected, 1e-9 * std::abs(expected)) << x << " " << a;
      EXPECT_NEAR(log_beta_above(1 - x, 13, a), expected, 1e-9 * std::abs(expected)) << x << " " << a;
    }
  }
}

TEST(Beta, HandWorkedCases) {
  EXPECT_NEAR(log_beta(2, 3), std::log(1.0 / 12), 1e-14);         // B(2,3) = 1!·2!/4!
  EXPECT_NEAR(log_beta_below(0.3, 2, 1), std::log(0.09), 1e-14);  // x²
  EXPECT_NEAR(log_beta_above(0.3, 1, 2), std::log(0.49), 1e-14);  // (1-x)²
  EXPECT_NEAR(log_beta_above(0.05, 1, 100'001), 100'001 * std::log(0.95), 1e-6);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-14);
  EXPECT_NEAR(normal_below(-1.959963984540054), 0.025, 1e-15);
}

TEST(Normal, AgreesWithR) {
  SIGNALBOX_NEEDS_R();
  R r;
  const Values zs = {-30, -8, -2.3263478740408408, -0.1, 0, 1, 5};
  for (const double z : zs) r.ask(fmt::format("normal {:.17g}", z));
  const std::vector<Values> answers = r.answers();
  ASSERT_EQ(answers.size(), zs.size());
  for (std::size_t i = 0; i < zs.size(); ++i) {
    EXPECT_NEAR(normal_below(zs[i]) / answers[i][0], 1, 1e-12);
    EXPECT_NEAR(normal_quantile(answers[i][0]), zs[i], 1e-9);
  }
}

TEST(Intervals, AgreeWithR) {
  SIGNALBOX_NEEDS_R();
  R r;
  struct Case {
    double k, n, confidence;
  };
  std::vector<Case> cases;
  for (const double n : {1.0, 10.0, 2'000.0, 360'000.0}) {
    for (const double share : {0.0, 0.002, 0.3, 1.0}) {
      for (const double confidence : {0.9, 0.98}) cases.push_back({std::round(n * share), n, confidence});
    }
  }
  for (const Case& c : cases) {
    r.ask(fmt::format("wilson {} {} {}", c.k, c.n, c.confidence));
    r.ask(fmt::format("clopper {} {} {}", c.k, c.n, c.confidence));
  }
  const std::vector<Values> answers = r.answers();
  ASSERT_EQ(answers.size(), 2 * cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    const Interval ours[] = {wilson(c.k, c.n, c.confidence), clopper_pearson(c.k, c.n, c.confidence)};
    for (std::size_t which = 0; which < 2; ++which) {
      EXPECT_NEAR(ours[which].lower, answers[2 * i + which][0], 1e-9) << c.k << " of " << c.n;
      EXPECT_NEAR(ours[which].upper, answers[2 * i + which][1], 1e-9) << c.k << " of " << c.n;
    }
  }
}

TEST(Intervals, OfNoneAndOfAllEndAtNoneAndAll) {
  for (const double n : {1.0, 7.0, 26.0, 3'000.0}) {
    EXPECT_EQ(wilson(0, n, 0.95).lower, 0) << n;
    EXPECT_EQ(wilson(n, n, 0.95).upper, 1) << n;
  }
}

TEST(Intervals, NoneOfTenIsAtMostThirtyPercent) {
  EXPECT_EQ(clopper_pearson(0, 10, 0.95).lower, 0);
  EXPECT_NEAR(clopper_pearson(0, 10, 0.95).upper, 1 - std::pow(0.025, 0.1), 1e-15);
  EXPECT_EQ(clopper_pearson(10, 10, 0.95).upper, 1);
}

TEST(Quantile, OfPublishedCases) {
  EXPECT_DOUBLE_EQ(quantile({5}, 0.95), 5);
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 0), 1);
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 1), 4);
  // NIST's twelve wafers with type 7, as in Kayenta's StatisticSuite.
  EXPECT_NEAR(quantile({95.1772, 95.1567, 95.1937, 95.1959, 95.1442, 95.0610, 95.1591, 95.1195, 95.1772,
                        95.0925, 95.1990, 95.1682},
                       0.9),
              95.19568, 1e-9);
}

// Pairs of samples like those that metrics give: smooth, counted, mostly zero, tiny, few.
std::vector<std::pair<Values, Values>> pairs_of_samples() {
  std::mt19937_64 random(20260303);
  std::vector<std::pair<Values, Values>> out;
  const auto add = [&](std::size_t m, std::size_t n, const auto& x, const auto& y) {
    Values first(m);
    Values second(n);
    for (double& value : first) value = x(random);
    for (double& value : second) value = y(random);
    out.emplace_back(std::move(first), std::move(second));
  };
  for (const double shift : {0.0, 0.4, 3.0}) {
    const auto smooth = [&](double by) {
      return [by](auto& generator) { return std::normal_distribution<double>(10 + by, 2)(generator); };
    };
    const auto counted = [&](double by) {
      return [by](auto& generator) {
        return static_cast<double>(std::poisson_distribution<int>(1.5 + by)(generator));
      };
    };
    const auto sparse = [&](double by) {
      return [by](auto& generator) {
        return std::bernoulli_distribution(0.1 + by / 10)(generator)
                   ? std::uniform_real_distribution<double>(1, 5)(generator)
                   : 0.0;
      };
    };
    const auto tiny = [&](double by) {
      return [by](auto& generator) {
        return 1e-6 * std::exponential_distribution<double>(1 / (1 + by))(generator);
      };
    };
    for (const auto& [m, n] : {std::pair<std::size_t, std::size_t>{30, 30}, {7, 50}, {61, 33}}) {
      add(m, n, smooth(shift), smooth(0));
      add(m, n, counted(shift), counted(0));
      add(m, n, sparse(shift), sparse(0));
      add(m, n, tiny(shift), tiny(0));
    }
    add(2, 3, smooth(shift), smooth(0));  // too few: the interval ends at the outermost differences
  }
  return out;
}

TEST(MannWhitney, TestShiftAndIntervalAgreeWithR) {
  SIGNALBOX_NEEDS_R();
  R r;
  const auto pairs = pairs_of_samples();
  for (const auto& [x, y] : pairs) r.ask(fmt::format("wilcox 0.98 {} {}", text(x), text(y)));
  const std::vector<Values> answers = r.answers();
  ASSERT_EQ(answers.size(), pairs.size());
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const auto& [x, y] = pairs[i];
    const Values& theirs = answers[i];
    ASSERT_EQ(theirs.size(), 7U);
    const MannWhitney test = mann_whitney(x, y);
    EXPECT_EQ(test.u, theirs[0]) << i;
    EXPECT_NEAR(test.p_value, theirs[1], 1e-12) << i;
    const Shift shift = shift_between(x, y, 0.98);
    EXPECT_NEAR(shift.interval.lower, theirs[2], 1e-9) << i;
    EXPECT_NEAR(shift.interval.upper, theirs[3], 1e-9) << i;
    EXPECT_NEAR(shift.estimate, (theirs[5] + theirs[6]) / 2, 1e-12) << i;
    // Between two middle differences any point solves R's equation, and it takes one of them.
    EXPECT_GE(theirs[4], theirs[5] - 1e-9) << i;
    EXPECT_LE(theirs[4], theirs[6] + 1e-9) << i;
  }
}

TEST(MannWhitney, HandWorkedCases) {
  const Values low = {1, 2, 3};
  const Values high = {4, 5, 6};
  EXPECT_EQ(mann_whitney(high, low).u, 9);
  EXPECT_EQ(mann_whitney(low, high).u, 0);
  EXPECT_EQ(common_language_effect(high, low), 1);
  EXPECT_EQ(common_language_effect(low, low), 0.5);
  EXPECT_EQ(shift_between(high, low, 0.95).estimate, 3);
  const Values same = {7, 7, 7};
  EXPECT_EQ(mann_whitney(same, same).p_value, 1);
  EXPECT_EQ(shift_between(same, same, 0.95).estimate, 0);
  EXPECT_EQ(shift_between(Values{10, 10}, Values{1, 1}, 0.98).interval.lower, 9);
  EXPECT_EQ(shift_between(Values{10, 10}, Values{1, 1}, 0.98).interval.upper, 9);
  EXPECT_EQ(shift_between(Values{-3}, Values{-1e300}, 0.98).estimate, 1e300);
}

TEST(CommonLanguageEffect, IsAsKayentaPublishesIt) {
  // spinnaker/kayenta, StatisticSuite.scala, "CLES Effect Size: Different (No Overlap)".
  const Values canary = {2.27776335, 2.61149434, 3.26894105, 2.91672701, 1.40656921,
                         2.18292082, 3.47901292, 3.00034118, 3.02402043, 4.69912745};
  const Values baseline = {25.31531073, 25.19450817, 24.6288846,  24.37991861, 26.40999244,
                           25.28524759, 24.99788745, 26.13841676, 22.93604649, 24.56817832};
  EXPECT_EQ(common_language_effect(canary, baseline), 0);
}

}  // namespace
}  // namespace signalbox::stats
