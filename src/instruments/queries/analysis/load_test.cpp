#include "instruments/queries/analysis/load.hpp"

#include <gtest/gtest.h>

namespace signalbox::queries {
namespace {

Time second(int seconds) {
  return Time(std::chrono::hours(500'000) + std::chrono::seconds(seconds));
}

BlockedSession session(int at, std::int64_t pid, std::vector<std::int64_t> blockers, std::string sql = "") {
  BlockedSession out;
  out.at = second(at);
  out.session.pid = pid;
  out.session.blockers = std::move(blockers);
  out.session.sql = std::move(sql);
  return out;
}

ActivePoint point(int began, int ended, std::int64_t ticks, std::map<std::string, double> active) {
  return {second(began), second(ended), ticks, std::move(active)};
}

}  // namespace

TEST(Load, ARootIsInTheWayOfAllWhoWaitBehindIt) {
  const auto found =
      blockers_of({session(1, 1, {}, "first"), session(1, 2, {1}), session(1, 3, {2}),
                   session(2, 1, {}, "then"), session(2, 2, {1}), session(9, 7, {}), session(9, 8, {7})});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].session.pid, 1);
  EXPECT_EQ(found[0].session.sql, "then");
  EXPECT_EQ(found[0].moments, 2);
  EXPECT_EQ(found[0].most_waiting, 2u);
  EXPECT_EQ(found[0].first, second(1));
  EXPECT_EQ(found[0].last, second(2));
  EXPECT_EQ(found[1].session.pid, 7);
}

TEST(Load, WhoWaitsByTwoWaysIsOne) {
  const auto found = blockers_of({session(1, 1, {}), session(1, 2, {1}), session(1, 3, {1, 2})});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].most_waiting, 2u);
}

// Three samples of 4 sessions and one of 0 are 3 on average.
TEST(Load, PointsPutTogetherAreTheAverageOfTheirSamples) {
  const auto found =
      coarser({point(0, 9, 3, {{"CPU", 4}}), point(10, 19, 1, {{"Lock", 2}}), point(60, 69, 5, {})}, 2);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].active, (std::map<std::string, double>{{"CPU", 3}, {"Lock", 0.5}}));
  EXPECT_EQ(found[0].ticks, 4);
  EXPECT_EQ(found[0].began, second(0));
  EXPECT_EQ(found[0].ended, second(19));
  EXPECT_EQ(found[1].began, second(60));
  EXPECT_TRUE(found[1].active.empty());
}

TEST(Load, ManyPointsBecomeSoManyAndFewStayAsTheyAre) {
  std::vector<ActivePoint> many;
  for (int i = 0; i < 1'000; ++i) many.push_back(point(10 * i, 10 * i + 9, 10, {{"CPU", 1}}));
  EXPECT_EQ(coarser(many, 240).size(), 240u);
  many.resize(240);
  EXPECT_EQ(coarser(many, 240).size(), 240u);
  many.resize(3);
  EXPECT_EQ(coarser(many, 240)[1].active.at("CPU"), 1);
}

}  // namespace signalbox::queries
