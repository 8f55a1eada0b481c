// Choices of sizes beside every choice that there is.
#include "instruments/pack/assort/median.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "instruments/pack/model/fixture.hpp"

namespace signalbox::pack {
namespace {

// The least cost of all choices of k sizes with those that must be in it.
ServiceCost least_of_all(const MedianProblem& problem, std::size_t k) {
  ServiceCost best{INT64_MAX, 0};
  for (std::uint32_t set = 1; set < (1U << problem.sizes); ++set) {
    if (static_cast<std::size_t>(__builtin_popcount(set)) != k) continue;
    bool allowed = true;
    for (std::size_t size = 0; size < problem.sizes; ++size)
      if (problem.must[size] && !((set >> size) & 1)) allowed = false;
    if (!allowed) continue;
    ServiceCost sum;
    for (std::size_t order = 0; order < problem.orders(); ++order) {
      ServiceCost least{INT64_MAX, 0};
      for (std::size_t size = 0; size < problem.sizes; ++size)
        if ((set >> size) & 1) least = std::min(least, problem.cost(order, size));
      sum += least;
    }
    best = std::min(best, sum);
  }
  return best;
}

// Sizes rise, an order goes into those from some size on, and costs more in larger ones.
MedianProblem drawn(std::uint64_t seed, std::size_t orders, std::size_t sizes) {
  fixture::Draws draw(seed);
  MedianProblem out;
  out.sizes = sizes;
  out.must.assign(sizes, false);
  for (std::size_t order = 0; order < orders; ++order) {
    const std::int64_t from = draw.below(static_cast<std::int64_t>(sizes));
    const std::int64_t base = draw.between(1, 20);
    for (std::size_t size = 0; size < sizes; ++size) {
      const std::int64_t at = static_cast<std::int64_t>(size);
      const bool fits = at >= from || at + 1 == static_cast<std::int64_t>(sizes);
      out.costs.push_back({fits ? base + at * draw.between(1, 3) : kUnserved, draw.between(1, 1000)});
    }
  }
  return out;
}

TEST(Median, IsWithinAFewPartsInAHundredOfEveryChoiceAndNeverBelowTheBound) {
  int best = 0;
  int count = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    MedianProblem problem = drawn(seed, 60, 11);
    problem.must[seed % 11] = seed % 3 == 0;
    for (std::size_t k = 1; k <= 5; ++k) {
      const ServiceCost least = least_of_all(problem, k);
      const MedianAnswer answer = best_sizes(problem, k);
      ASSERT_EQ(answer.chosen.size(), k) << seed;
      EXPECT_GE(answer.cost, least) << seed;
      if (problem.must[seed % 11])
        EXPECT_NE(std::find(answer.chosen.begin(), answer.chosen.end(), seed % 11), answer.chosen.end());
      if (least.first >= kUnserved) continue;
      EXPECT_LE(answer.bound, least.first) << seed << " k " << k;
      EXPECT_LE(static_cast<double>(answer.cost.first), 1.01 * static_cast<double>(least.first)) << seed;
      best += answer.cost == least ? 1 : 0;
      ++count;
    }
  }
  EXPECT_GE(best, count * 9 / 10) << count;
}

TEST(Median, TheSameProblemHasTheSameAnswer) {
  const MedianProblem problem = drawn(7, 200, 30);
  const MedianAnswer first = best_sizes(problem, 6);
  const MedianAnswer second = best_sizes(problem, 6);
  EXPECT_EQ(first.chosen, second.chosen);
  EXPECT_EQ(first.cost, second.cost);
  EXPECT_EQ(first.bound, second.bound);
}

TEST(Median, OneSizeMoreNeverCostsMore) {
  const MedianProblem problem = drawn(11, 300, 25);
  ServiceCost before{INT64_MAX, 0};
  std::vector<std::size_t> start;
  for (std::size_t k = 1; k <= 8; ++k) {
    const MedianAnswer answer = best_sizes(problem, k, start);
    start = answer.chosen;
    EXPECT_LE(answer.cost, before) << k;
    before = answer.cost;
  }
}

TEST(Median, OrdersThatNoChosenSizeServesAreCounted) {
  MedianProblem problem;
  problem.sizes = 3;
  problem.must.assign(3, false);
  for (std::size_t order = 0; order < 3; ++order)
    for (std::size_t size = 0; size < 3; ++size) problem.costs.push_back({order == size ? 5 : kUnserved, 0});
  const MedianAnswer answer = best_sizes(problem, 2);
  EXPECT_EQ(answer.unserved, 1U);
  EXPECT_EQ(answer.cost.first, kUnserved + 10);
}

}  // namespace
}  // namespace signalbox::pack
