#include "instruments/queries/analysis/regression.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace signalbox::queries {
namespace {

// Blocks of executions that take `mean` milliseconds each on average, with the noise of a real server.
std::vector<Block> blocks_of(std::mt19937& random, double mean, std::size_t count = 40) {
  std::lognormal_distribution<double> noise(0, 0.3);
  std::vector<Block> out;
  for (std::size_t i = 0; i < count; ++i) {
    const double calls = 20 + static_cast<double>(random() % 40);
    out.push_back({calls, calls * mean * noise(random), 0});
  }
  return out;
}

Counters sum_of(const std::vector<Block>& blocks) {
  Counters out;
  for (const Block& each : blocks) {
    out.calls += static_cast<std::int64_t>(each.calls);
    out.total_exec_ms += each.total_ms;
  }
  return out;
}

void add(ComparisonInput& input, const std::string& fingerprint, std::vector<Block> before,
         std::vector<Block> after) {
  ComparedStatement each;
  each.fingerprint = fingerprint;
  each.before = std::move(before);
  each.after = std::move(after);
  each.sum_before = sum_of(each.before);
  each.sum_after = sum_of(each.after);
  each.sum_before.shared_blks_hit = each.sum_before.calls * 10;
  each.sum_after.shared_blks_hit = each.sum_after.calls * 10;
  input.all_before += each.sum_before;
  input.all_after += each.sum_after;
  input.statements.push_back(std::move(each));
}

ComparisonInput empty_input() {
  ComparisonInput out;
  out.seconds_before = out.seconds_after = 400;
  return out;
}

}  // namespace

// Of six blocks three can be dealt to a side in 20 ways; two of these are as far apart as what was seen.
TEST(PermutationTest, IsTheShareOfDealsThatAreAsFarApart) {
  const std::vector<Block> before{{1, 1, 0}, {1, 1.1, 0}, {1, 1.2, 0}},
      after{{1, 10, 0}, {1, 11, 0}, {1, 12, 0}};
  EXPECT_NEAR(permutation_p(before, after, 20'000), 0.1, 0.01);
  EXPECT_EQ(permutation_p(before, before, 1'000), 1);
}

TEST(Compare, WhatGotSlowerIsFoundAndTheRestIsNot) {
  std::mt19937 random(1);
  ComparisonInput input = empty_input();
  for (int i = 0; i < 30; ++i)
    add(input, "same" + std::to_string(i), blocks_of(random, 5), blocks_of(random, 5));
  add(input, "slow", blocks_of(random, 5), blocks_of(random, 10));
  add(input, "fast", blocks_of(random, 5), blocks_of(random, 2));
  add(input, "tiny", blocks_of(random, 0.01), blocks_of(random, 0.03));  // three times as slow, by 0.02 ms
  const Comparison found = compare(input, {});
  EXPECT_EQ(found.verdict, Verdict::fail);
  for (const Compared& each : found.statements) {
    const auto wanted = each.fingerprint == "slow"   ? Compared::Judgement::slower
                        : each.fingerprint == "fast" ? Compared::Judgement::faster
                                                     : Compared::Judgement::same;
    EXPECT_EQ(each.judgement, wanted) << each.fingerprint << " " << each.ratio << " " << each.adjusted;
  }
  EXPECT_EQ(found.statements.front().fingerprint, "slow");
}

TEST(Compare, TwoSpansOfTheSameAreNoRegression) {
  std::mt19937 random(2);
  int alarms = 0;
  CompareOptions options;
  options.permutations = 2'000;
  for (int round = 0; round < 40; ++round) {
    ComparisonInput input = empty_input();
    for (int i = 0; i < 10; ++i) add(input, std::to_string(i), blocks_of(random, 5), blocks_of(random, 5));
    alarms += compare(input, options).verdict == Verdict::fail ? 1 : 0;
  }
  EXPECT_LE(alarms, 1);
}

TEST(Compare, NewStatementsMoreCallsAndMoreBlocksAreTold) {
  std::mt19937 random(3);
  ComparisonInput input = empty_input();
  input.commits_before = input.commits_after = 1'000;
  add(input, "steady", blocks_of(random, 5), blocks_of(random, 5));
  add(input, "fresh", {}, blocks_of(random, 5));
  add(input, "once a row", blocks_of(random, 5), blocks_of(random, 5, 200));
  add(input, "blocks", blocks_of(random, 5), blocks_of(random, 5));
  input.statements.back().sum_after.shared_blks_read = input.statements.back().sum_after.calls * 15;
  const Comparison found = compare(input, {});
  for (const Compared& each : found.statements) {
    using J = Compared::Judgement;
    const J wanted = each.fingerprint == "fresh"        ? J::fresh
                     : each.fingerprint == "once a row" ? J::more_calls
                     : each.fingerprint == "blocks"     ? J::more_blocks
                                                        : J::same;
    EXPECT_EQ(each.judgement, wanted) << each.fingerprint;
  }
  const Report report = compare_report(found, input, "a", "b");
  const auto told = [&](std::string_view text) {
    return std::any_of(report.findings.begin(), report.findings.end(),
                       [&](const Finding& each) { return each.message.find(text) != std::string::npos; });
  };
  EXPECT_TRUE(told("new: – → "));  // it had no mean before
  EXPECT_FALSE(told(" 0 ms"));
}

TEST(Compare, TooLittleToJudgeByIsNoPass) {
  std::mt19937 random(4);
  ComparisonInput input = empty_input();
  EXPECT_EQ(compare(input, {}).verdict, Verdict::none);
  add(input, "few", blocks_of(random, 5, 4), blocks_of(random, 5, 4));
  EXPECT_EQ(compare(input, {}).verdict, Verdict::none);
  EXPECT_EQ(compare_report(compare(input, {}), input, "a", "b").verdict, Verdict::fail);
  ComparisonInput dropped = empty_input();
  add(dropped, "same", blocks_of(random, 5), blocks_of(random, 5));
  EXPECT_EQ(compare(dropped, {}).verdict, Verdict::pass);
  dropped.dealloc = 1;
  EXPECT_EQ(compare(dropped, {}).verdict, Verdict::none);
}

}  // namespace signalbox::queries
