#include "instruments/profile/capture/governor.hpp"

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

// Seconds of a target that uses one processor, and what profiling costs in each, in milliseconds.
std::vector<bool> halvings(double limit, const std::vector<std::int64_t>& costs_ms,
                           std::int64_t target_ms = 1'000) {
  Governor governor(limit);
  Governor::Reading now;
  std::vector<bool> out;
  for (const std::int64_t cost_ms : costs_ms) {
    now.elapsed_ns += kSecond;
    now.cost_ns += cost_ms * 1'000'000;
    now.target_ns += target_ms * 1'000'000;
    out.push_back(governor.over(now).has_value());
  }
  return out;
}

TEST(Governor, HalvesAfterTwoWindowsAboveTheLimit) {
  EXPECT_EQ(halvings(0.02, {5, 30, 30, 30, 30, 5}),
            (std::vector<bool>{false, false, true, false, true, false}));
  EXPECT_EQ(halvings(0.02, {5, 10, 20, 15}), std::vector<bool>(4, false));
}

TEST(Governor, WhatIsDoneOncePasses) {
  EXPECT_EQ(halvings(0.02, {900, 5, 300, 5, 300, 5}), std::vector<bool>(6, false));
}

TEST(Governor, AnIdleTargetIsNoReasonToBeSlow) {
  // 1 ms a second is 0.1 % of a processor, and 100 % of a target that uses 1 ms.
  EXPECT_EQ(halvings(0.02, {1, 1, 1, 1}, 1), std::vector<bool>(4, false));
  EXPECT_EQ(halvings(0.02, {3, 3, 3, 3}, 1), (std::vector<bool>{false, false, true, false}));
}

TEST(Governor, TellsTheShareAndWaitsForAWholeWindow) {
  Governor governor(0.01);
  EXPECT_FALSE(governor.over({kSecond, 0, kSecond}));
  EXPECT_FALSE(governor.over({2 * kSecond, kSecond / 20, 2 * kSecond}));
  EXPECT_FALSE(governor.over({2 * kSecond + kSecond / 2, kSecond, 3 * kSecond}));
  const auto share = governor.over({3 * kSecond, kSecond / 20 + kSecond / 50, 3 * kSecond});
  ASSERT_TRUE(share);
  EXPECT_DOUBLE_EQ(*share, 0.05);
}

}  // namespace
}  // namespace signalbox::profile
