#include "instruments/train/judges/sequential.hpp"

#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"

namespace signalbox::train::judges {
namespace {

constexpr double kMany = 1'000'000;  // requests, so that a window's share is as wanted

// A window in which the canary had `share` of the requests, and x of m bad ones.
CountPair window_of(double x, double m, double share) {
  return {{kMany * (1 - share), m - x}, {kMany * share, x}};
}

Tally tally_of(double x, double m, double share, double weight, double tolerated = 1.5) {
  Tally tally(weight, tolerated);
  tally.add(window_of(x, m, share));
  return tally;
}

TEST(EValue, OfOneBadRequestIsWorkedByHand) {
  // ∫ q/p dq/(1-p) and ∫ (1-q)/(1-p) dq/(1-p) over q from p to 1.
  EXPECT_NEAR(std::exp(tally_of(1, 1, 0.2, 0.2).log_e_worse()), (1 + 0.2) / (2 * 0.2), 1e-12);
  EXPECT_NEAR(std::exp(tally_of(0, 1, 0.2, 0.2).log_e_worse()), 0.5, 1e-12);
  // The same over q from 0 to r, where r = 1.5·0.2/(1 + 0.2·0.5) is the canary's part if it is 1.5 times
  // worse.
  const double r = 0.3 / 1.1;
  EXPECT_NEAR(std::exp(tally_of(1, 1, 0.2, 0.2).log_e_tolerable()), 0.5, 1e-12);
  EXPECT_NEAR(std::exp(tally_of(0, 1, 0.2, 0.2).log_e_tolerable()), (1 - r / 2) / (1 - r), 1e-12);
}

TEST(EValue, WithoutBadRequestsThereIsNoEvidence) {
  EXPECT_EQ(tally_of(0, 0, 0.05, 0.05).log_e_worse(), 0);
  EXPECT_EQ(tally_of(0, 0, 0.05, 0.05).log_e_tolerable(), 0);
  EXPECT_EQ(tally_of(0, 0, 0.05, 0.07).share(), 0.07);
}

// What Ville's inequality asks for: the expected next value is the present one.
TEST(EValue, DoesNotGrowOnAverage) {
  for (const double p : {0.05, 0.3, 0.8}) {
    const double r = 1.5 * p / (1 + 0.5 * p);
    for (int m = 0; m <= 40; m += 5) {
      for (int x = 0; x <= m; ++x) {
        const auto worse = [&](int xs, int ms) { return std::exp(tally_of(xs, ms, p, p).log_e_worse()); };
        const auto fine = [&](int xs, int ms) { return std::exp(tally_of(xs, ms, p, p).log_e_tolerable()); };
        EXPECT_NEAR((p * worse(x + 1, m + 1) + (1 - p) * worse(x, m + 1)) / worse(x, m), 1, 1e-9);
        EXPECT_NEAR((r * fine(x + 1, m + 1) + (1 - r) * fine(x, m + 1)) / fine(x, m), 1, 1e-9);
      }
    }
  }
}

TEST(EValue, AgreesWithRsIntegralsAndDistributions) {
  if (!find_program("Rscript")) GTEST_SKIP() << "no Rscript: apt-get install r-base-core";
  struct Case {
    double x, m, p, weight, ratio;
  };
  const std::vector<Case> cases = {{4, 8, 0.05, 0.05, 1.5},        {72, 756, 0.05, 0.06, 1.5},
                                   {0, 300, 0.05, 0.05, 1.5},      {4500, 9000, 0.5, 0.5, 1.5},
                                   {18000, 360000, 0.05, 0.05, 2}, {1, 1, 0.01, 0.05, 3},
                                   {300, 300, 0.25, 0.2, 1.1},     {90, 100, 0.9, 0.95, 1.5}};
  ProcessOptions options;
  for (const Case& c : cases)
    options.input += fmt::format("{} {} {} {} {}\n", c.x, c.m, c.p, c.weight, c.ratio);
  const auto script = testing::source_directory() / "src/instruments/train/judges/testdata/e_value.R";
  const ProcessResult result = run_process({"Rscript", "--vanilla", script.string()}, options).value();
  const auto answers = lines(result.output);
  ASSERT_EQ(answers.size(), cases.size()) << result.errors;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Case& c = cases[i];
    std::istringstream in{std::string(answers[i])};
    double worse_integral = 0;
    double worse = 0;
    double fine_integral = 0;
    double fine = 0;
    in >> worse_integral >> worse >> fine_integral >> fine;
    const Tally tally = tally_of(c.x, c.m, c.p, c.weight, c.ratio);
    const auto tolerance = [](double value) { return 1e-7 * std::max(1.0, std::abs(value)); };
    EXPECT_NEAR(tally.log_e_worse(), worse, tolerance(worse)) << i;
    EXPECT_NEAR(tally.log_e_worse(), worse_integral, tolerance(worse)) << i;
    EXPECT_NEAR(tally.log_e_tolerable(), fine, tolerance(fine)) << i;
    EXPECT_NEAR(tally.log_e_tolerable(), fine_integral, tolerance(fine)) << i;
  }
}

// The exact process that bounds ours: of each window by itself, θˣ / (1 + p(θ-1))^m, mixed over θ with the
// prior that belongs to the planned weight. Midpoint rule in q.
double log_e_window_by_window(const std::vector<CountPair>& windows, double weight) {
  constexpr int kNodes = 20'000;
  double sum = 0;
  for (int k = 0; k < kNodes; ++k) {
    const double q = weight + (1 - weight) * (k + 0.5) / kNodes;
    const double theta = q / (1 - q) * (1 - weight) / weight;
    double log_ratio = 0;
    for (const CountPair& window : windows) {
      const double share = window.canary.requests / (window.canary.requests + window.baseline.requests);
      const double bad = window.canary.bad + window.baseline.bad;
      log_ratio += window.canary.bad * std::log(theta) - bad * std::log1p(share * (theta - 1));
    }
    sum += std::exp(log_ratio) / kNodes;
  }
  return std::log(sum);
}

TEST(EValue, IsNeverAboveThatOfEachWindowByItself) {
  const std::vector<CountPair> drifting = {{{980, 2}, {20, 0}},
                                           {{970, 30}, {30, 1}},
                                           {{950, 400}, {50, 24}},
                                           {{900, 2}, {100, 1}},
                                           {{940, 9}, {60, 3}}};
  for (const double weight : {0.02, 0.05, 0.2}) {
    Tally tally(weight, 1.5);
    std::vector<CountPair> seen;
    for (const CountPair& window : drifting) {
      tally.add(window);
      seen.push_back(window);
      EXPECT_LE(tally.log_e_worse(), log_e_window_by_window(seen, weight) + 1e-6) << weight;
    }
  }
  Tally steady(0.05, 1.5);
  steady.add({{950, 4}, {50, 4}});
  EXPECT_NEAR(steady.log_e_worse(), log_e_window_by_window({{{950, 4}, {50, 4}}}, 0.05), 1e-3);
}

// Errors that hit both sides alike while the canary has more traffic than on average: the plain share of all
// requests would blame the canary.
TEST(EValue, ABurstWhileTheShareIsHighIsNoEvidence) {
  Tally tally(0.05, 1.5);
  for (int i = 0; i < 10; ++i) tally.add({{990'000, 10}, {10'000, 0}});  // warming up: 1 % of the traffic
  tally.add({{900'000, 18'000}, {100'000, 2'000}});                      // 10 %, and an outage of both
  EXPECT_LT(tally.log_e_worse(), 0);
  const double plain_share = 200'000.0 / 11'000'000;
  EXPECT_GT(tally_of(2'000, 20'100, plain_share, plain_share).log_e_worse(), std::log(1e100));
}

TEST(Tally, WindowsInWhichOneSideHadNothingAreLeftOut) {
  Tally tally(0.05, 1.5);
  tally.add({{0, 0}, {50, 50}});
  tally.add({{400, 7}, {0, 0}});
  EXPECT_EQ(tally.bad(), 0);
  EXPECT_EQ(tally.requests_canary(), 0);
  EXPECT_EQ(tally.requests_baseline(), 0);
  tally.add({{380, 1}, {20, 2}});
  EXPECT_EQ(tally.bad(), 3);
  EXPECT_EQ(tally.bad_canary(), 2);
  EXPECT_DOUBLE_EQ(tally.share(), 0.05);
}

}  // namespace
}  // namespace signalbox::train::judges
