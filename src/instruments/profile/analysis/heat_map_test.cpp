#include "instruments/profile/analysis/heat_map.hpp"

#include <gtest/gtest.h>

#include "instruments/profile/analysis/fixture.hpp"

namespace signalbox::profile {
namespace {

constexpr std::int64_t kMs = 1'000'000;

TEST(HeatMap, ASampleIsInTheColumnAndRowOfItsTime) {
  const Profile profile = fixture::StackWriter()
                              .add("main", 2, 0)
                              .add("main", 1, 19 * kMs)
                              .add("main", 1, 20 * kMs)
                              .add("main", 5, 12'999 * kMs)
                              .add("main", 3)
                              .finish();
  const HeatMap map = heat_map(profile);
  EXPECT_EQ(map.column_ns, 1'000 * kMs);
  EXPECT_EQ(map.columns, 13U);
  EXPECT_EQ(map.rows, 50U);
  EXPECT_EQ(map.counts[0], 3);
  EXPECT_EQ(map.counts[1], 1);
  EXPECT_EQ(map.counts[12 * 50 + 49], 5);
  EXPECT_EQ(map.most, 5);
  EXPECT_EQ(map.samples, 9);
  EXPECT_EQ(map.untimed, 3);
}

TEST(HeatMap, OfAShortProfileAColumnIsATenthOfASecond) {
  const HeatMap map = heat_map(fixture::StackWriter().add("main", 1, 950 * kMs).finish(), {.rows = 10});
  EXPECT_EQ(map.column_ns, 100 * kMs);
  EXPECT_EQ(map.columns, 10U);
  EXPECT_EQ(map.counts[9 * 10 + 5], 1);
}

TEST(HeatMap, ALongProfileHasLongerColumns) {
  const HeatMap map = heat_map(fixture::StackWriter().add("main", 1, 86'400'000 * kMs).finish());
  EXPECT_LE(map.columns, kHeatColumnsMax);
  EXPECT_EQ(map.column_ns, 73'000 * kMs);  // 86,401 seconds in 1,200 columns
  EXPECT_EQ(map.samples, 1);
}

TEST(HeatMap, TimesAtTheEndOfTheRangeAreOnlyLate) {
  const HeatMap map =
      heat_map(fixture::StackWriter().add("main", 1, INT64_MAX - 1).finish(), {.column_ns = 1, .rows = 100});
  EXPECT_LE(map.columns, kHeatColumnsMax);
  EXPECT_EQ(map.samples, 1);
}

TEST(HeatMap, WithoutTimesThereIsNone) {
  const HeatMap map = heat_map(fixture::StackWriter().add("main", 4).finish());
  EXPECT_EQ(map.columns, 0U);
  EXPECT_TRUE(map.counts.empty());
  EXPECT_EQ(map.untimed, 4);
  EXPECT_EQ(heat_map(fixture::StackWriter().finish()).columns, 0U);
}

TEST(HeatMap, ATimeAtTheEdgeOfTwoRowsIsOfTheLaterOne) {
  fixture::StackWriter writer;
  for (int i = 0; i < 50; ++i) writer.add("main", 1, i * 20 * kMs);  // 0.58 · 50 is less than 29 in doubles
  writer.add("main", 1, 1'999 * kMs);
  const HeatMap map = heat_map(writer.finish(), {1'000 * kMs, 50});
  EXPECT_EQ(std::vector<std::int64_t>(map.counts.begin(), map.counts.begin() + 50),
            std::vector<std::int64_t>(50, 1));
}

}  // namespace
}  // namespace signalbox::profile
