// The smallest set, compared with trying every set.
#include "instruments/train/gating/hitting_set.hpp"

#include <algorithm>
#include <bitset>
#include <random>

#include <gtest/gtest.h>

namespace signalbox::train {
namespace {

// The size of the smallest set of actions that fixes all that can be fixed, by trying all sets.
std::size_t by_force(const HittingProblem& problem, bool& possible) {
  const std::size_t count = problem.gains.size();
  std::size_t best = count + 1;
  for (std::uint32_t set = 0; set < (1U << count); ++set) {
    double sum = 0;
    for (std::size_t i = 0; i < count; ++i) sum += (set >> i & 1U) != 0 ? problem.gains[i] : 0;
    bool fixes = sum + 1e-9 >= problem.wanted;
    for (const auto& condition : problem.conditions) {
      std::size_t taken = 0;
      for (const std::size_t one : condition.actions) taken += set >> one & 1U;
      fixes = fixes && (taken >= condition.wanted || condition.actions.size() < condition.wanted);
    }
    if (fixes) best = std::min<std::size_t>(best, std::bitset<32>(set).count());
  }
  possible = best <= count;
  return best;
}

bool fixes_all(const HittingProblem& problem, const std::vector<std::size_t>& actions) {
  double sum = 0;
  for (const std::size_t one : actions) sum += problem.gains[one];
  bool out = sum + 1e-9 >= problem.wanted;
  for (const auto& condition : problem.conditions) {
    std::size_t taken = 0;
    for (const std::size_t one : condition.actions) taken += std::count(actions.begin(), actions.end(), one);
    out = out && (taken >= condition.wanted || condition.actions.size() < condition.wanted);
  }
  return out;
}

TEST(HittingSet, IsAsSmallAsAnySetThatFixesEverything) {
  std::mt19937 random(7);
  const auto below = [&](unsigned n) { return std::uniform_int_distribution<unsigned>(0, n - 1)(random); };
  int possible_ones = 0;
  for (int round = 0; round < 3000; ++round) {
    HittingProblem problem;
    const std::size_t actions = 1 + below(9);
    for (std::size_t i = 0; i < actions; ++i) problem.gains.push_back(below(3) == 0 ? below(30) : 0);
    problem.wanted = below(2) == 0 ? 0 : below(60);
    const std::size_t conditions = below(8);
    for (std::size_t i = 0; i < conditions; ++i) {
      std::vector<std::size_t> list;
      for (std::size_t action = 0; action < actions; ++action) {
        if (below(3) == 0) list.push_back(action);
      }
      problem.conditions.push_back({std::move(list), 1 + below(3) / 2});
    }
    bool possible = false;
    const std::size_t wanted = by_force(problem, possible);
    const HittingSet found = smallest_hitting_set(problem);
    EXPECT_EQ(found.reaches, possible);
    if (!possible) continue;
    ++possible_ones;
    EXPECT_TRUE(fixes_all(problem, found.actions)) << round;
    EXPECT_EQ(found.actions.size(), wanted) << round;
    EXPECT_EQ(found.is_smallest, found.hopeless.empty());
  }
  EXPECT_GT(possible_ones, 1000);
}

TEST(HittingSet, OneActionForAllIsFoundWhereGreedyTakesThree) {
  // Action 0 fixes most and leads astray: with 1 and 2 everything is fixed.
  const HittingProblem problem{{{{0, 1}}, {{0, 1}}, {{0, 2}}, {{0, 2}}, {{1}}, {{2}}}, {0, 0, 0}, 0};
  EXPECT_EQ(smallest_hitting_set(problem).actions, (std::vector<std::size_t>{1, 2}));
}

TEST(HittingSet, WhatNothingFixesIsNamedAndTheRestSolved) {
  const HittingSet found = smallest_hitting_set({{{{}}, {{0}}}, {5, 0}, 80});
  EXPECT_EQ(found.hopeless, std::vector<std::size_t>{0});
  EXPECT_FALSE(found.reaches);
  EXPECT_FALSE(found.is_smallest);
  EXPECT_EQ(found.actions, std::vector<std::size_t>{0});
}

TEST(HittingSet, ASearchThatIsCutShortSaysSoAndStillFixesEverything) {
  HittingProblem problem;
  std::mt19937 random(3);
  problem.gains.assign(60, 0);
  for (int i = 0; i < 200; ++i) {
    std::vector<std::size_t> list;
    for (std::size_t k = 0; k < 4; ++k) list.push_back((random() % 15) * 4 + k);
    problem.conditions.push_back({std::move(list)});
  }
  const HittingSet found = smallest_hitting_set(problem, 100);
  EXPECT_FALSE(found.is_smallest);
  EXPECT_TRUE(fixes_all(problem, found.actions));
}

TEST(HittingSet, NothingToFixWantsNothing) {
  EXPECT_TRUE(smallest_hitting_set({}).actions.empty());
}

}  // namespace
}  // namespace signalbox::train
