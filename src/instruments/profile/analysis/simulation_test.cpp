// The regression check over programs whose truth is known: how often it cries wolf, and how often it sees
// one.
#include "instruments/profile/analysis/simulation.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

using simulation::Noise;
using simulation::Program;

constexpr int kTrials = 300;

// Without a floor the test alone decides.
Budgets no_floor() {
  Budgets out;
  out.floor = {1e-9, 1e-9};
  return out;
}

// Of kTrials, at most so many where each is one with chance `rate`: three standard deviations.
double at_most(double rate) {
  return kTrials * rate + 3 * std::sqrt(kTrials * rate * (1 - rate));
}

int alarms(const Program& base, const Program& fresh, std::size_t runs, const Noise& noise,
           const Budgets& budgets, CheckBasis basis) {
  std::mt19937_64 random(20260305);
  int out = 0;
  for (int i = 0; i < kTrials; ++i)
    out += simulation::checked(base, fresh, runs, noise, budgets, basis, random).has_regressed();
  return out;
}

TEST(CheckSimulation, OfTheSameProgramItCriesWolfNoMoreOftenThanQ) {
  const Program program = Program::typical(40, 3'000);
  const int welch = alarms(program, program, 3, {}, no_floor(), CheckBasis::work);
  EXPECT_LE(welch, at_most(0.05));
  const int pooled = alarms(program, program, 1, {0, 0}, no_floor(), CheckBasis::composition);
  EXPECT_LE(pooled, at_most(0.05));
  EXPECT_GT(welch + pooled, 0) << "a test that never alarms tests nothing";
  RecordProperty("welch", welch);
  RecordProperty("pooled", pooled);
}

TEST(CheckSimulation, WithTheFloorItHardlyEverCriesWolf) {
  const Program program = Program::typical(40, 3'000);
  EXPECT_LE(alarms(program, program, 3, {}, {}, CheckBasis::work), at_most(0.03));
}

// Ten percent in a function of an eighth of all, thirty seconds at 999 Hz, seven runs a side.
TEST(CheckSimulation, ARiseOfTenPercentInOneFunctionIsSeenAndNamed) {
  const Program base = Program::typical(40, 30'000);
  const Program fresh = base.slower(0, 1.1);
  std::mt19937_64 random(20260306);
  int seen = 0;
  int others = 0;
  for (int i = 0; i < kTrials / 3; ++i) {
    const CheckResult result = simulation::checked(base, fresh, 7, {}, {}, CheckBasis::work, random);
    for (const CostTest& test : result.tests) {
      if (test.verdict != CostVerdict::regressed || test.kind != CostKind::self) continue;
      (test.function.name == "function_0" ? seen : others) += 1;
    }
  }
  EXPECT_GE(seen, 95) << "of 100";
  EXPECT_LE(others, 5);
}

TEST(CheckSimulation, AUniformRiseOfTenPercentIsSeenInTheTotal) {
  const Program base = Program::typical(40, 30'000);
  EXPECT_GE(alarms(base, base.uniformly_slower(1.1), 3, {}, {}, CheckBasis::work), 0.95 * kTrials);
  EXPECT_LE(alarms(base, base.uniformly_slower(1.1), 3, {}, {}, CheckBasis::composition), at_most(0.03));
}

}  // namespace
}  // namespace signalbox::profile
