#include "instruments/profile/analysis/merge.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

Profile of(std::int64_t start_s, std::vector<std::pair<const char*, std::int64_t>> costs,
           const char* type = "cpu") {
  ProfileBuilder builder(std::vector<ValueType>{{type, "nanoseconds"}});
  for (const auto& [name, value] : costs) {
    const StackId stack =
        builder.stack(0, builder.frame({builder.function(name), 0, 0, 0, 0, FrameKind::user}));
    builder.add({stack}, std::vector<std::int64_t>{value});
  }
  builder.profile().start_unix_ns = start_s * 1'000'000'000;
  builder.profile().duration_ns = 10'000'000'000;
  return std::move(builder).finish();
}

TEST(Merges, EqualSamplesAreAddedUpAndTheTimeSpansAll) {
  Merge merge;
  ASSERT_TRUE(merge.add(of(100, {{"a", 3}, {"b", 5}})));
  ASSERT_TRUE(merge.add(of(150, {{"c", 1}, {"b", 7}})));
  const auto whole = std::move(merge).finish();
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->samples.size(), 3U);
  EXPECT_EQ(whole->total(0), 16);
  EXPECT_EQ(whole->start_unix_ns, 100'000'000'000);
  EXPECT_EQ(whole->duration_ns, 60'000'000'000);
  for (std::size_t i = 0; i < whole->samples.size(); ++i) {
    const std::string name = whole->name_of_frame(whole->stacks[whole->samples[i].stack].frame);
    EXPECT_EQ(whole->values_of(i)[0], name == "b" ? 12 : name == "a" ? 3 : 1);
  }
}

TEST(Merges, WhatAllSayIsSaidOfTheWholeAndCountsAreAddedUp) {
  const auto saying = [](Annotations said) {
    Profile out = of(100, {{"a", 3}});
    out.annotations = std::move(said);
    return out;
  };
  Merge merge;
  ASSERT_TRUE(merge.add(
      saying({{"mode", "cpu"}, {"rate", "10 Hz"}, {"samples", "7"}, {"samples.lost", "1"}, {"x", "1"}})));
  ASSERT_TRUE(merge.add(
      saying({{"mode", "cpu"}, {"rate", "5 Hz"}, {"samples", "30"}, {"samples.lost", "none"}, {"y", "1"}})));
  ASSERT_TRUE(
      merge.add(saying({{"mode", "cpu"}, {"rate", "10 Hz"}, {"samples", "500"}, {"samples.lost", "1"}})));
  EXPECT_EQ(std::move(merge).finish()->annotations, (Annotations{{"mode", "cpu"}, {"samples", "537"}}));
}

// Of files that others wrote.
TEST(Merges, TimesAtTheEndOfTheRangeStayInIt) {
  constexpr std::int64_t kLeast = std::numeric_limits<std::int64_t>::min();
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  Merge merge;
  for (const std::int64_t start : {kLeast, kMost}) {
    Profile profile = of(0, {{"a", 1}});
    profile.start_unix_ns = start;
    profile.duration_ns = kMost;
    ASSERT_TRUE(merge.add(profile));
  }
  const auto whole = std::move(merge).finish();
  EXPECT_EQ(whole->start_unix_ns, kLeast);
  EXPECT_EQ(whole->duration_ns, kMost);
}

TEST(Merges, OtherColumnsAreRefusedAndNothingIsNothing) {
  Merge merge;
  ASSERT_TRUE(merge.add(of(0, {{"a", 1}})));
  EXPECT_EQ(merge.add(of(0, {{"a", 1}}, "wall")).error().kind, ErrorKind::bad_input);
  EXPECT_FALSE(Merge().finish());
}

}  // namespace
}  // namespace signalbox::profile
