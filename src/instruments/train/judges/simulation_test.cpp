// What the sequential judge promises, on traffic made by chance. The seeds are fixed, so the counts are
// always the same; each bound is one that a right judge of the promised figures would miss in less than one
// of 10,000 seeds.
#include "instruments/train/judges/simulation.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "instruments/train/judges/canary_judge.hpp"

namespace signalbox::train::judges {
namespace {

using simulation::Traffic;

template <class Run>
std::vector<int> stops_of(int runs, int never, Run run) {
  std::vector<int> stops;
  for (int i = 0; i < runs; ++i) {
    std::mt19937_64 random(static_cast<std::uint64_t>(i) + 1);
    stops.push_back(run(random).value_or(never));
  }
  std::sort(stops.begin(), stops.end());
  return stops;
}

std::vector<int> stops_at(double bad_of_canary, int runs) {
  Traffic traffic;
  traffic.bad_of_canary = bad_of_canary;
  return stops_of(runs, traffic.hold_s + 1,
                  [&](std::mt19937_64& random) { return simulation::seconds_to_breach(random, traffic); });
}

long seen(const std::vector<int>& stops) {
  return std::count_if(stops.begin(), stops.end(), [](int second) { return second <= Traffic{}.hold_s; });
}

TEST(Simulation, AtMostOneInAHundredGoodCanariesIsStopped) {
  EXPECT_LE(seen(stops_at(0.002, 200)), 9);  // 2 promised of 200
}

TEST(Simulation, AFivefoldErrorRateIsSeenWithinAMinute) {
  const std::vector<int> stops = stops_at(0.01, 120);
  EXPECT_EQ(seen(stops), 120);
  EXPECT_LE(stops[60], 60);
}

TEST(Simulation, ADoubledErrorRateIsSeenInFourOfFive) {
  EXPECT_GE(seen(stops_at(0.004, 100)), 65);  // 80 promised
}

// The share of the traffic climbs from 1 to 10 per cent while an outage of both sides makes errors of every
// twentieth request late in the hold.
TEST(Simulation, AnOutageOfBothSidesWhileTheShareClimbsStopsNobody) {
  const auto traffic_at = [](int second) {
    Traffic traffic;
    traffic.share = 0.01 + 0.09 * second / 900;
    traffic.bad_of_baseline = traffic.bad_of_canary = second >= 600 ? 0.05 : 0.002;
    return traffic;
  };
  const std::vector<int> stops = stops_of(120, 901, [&](std::mt19937_64& random) {
    return simulation::seconds_to_breach(random, 900, 0.05, traffic_at);
  });
  EXPECT_LE(seen(stops), 7);  // 1.2 promised of 120
}

TEST(Simulation, TheJudgeOfACanaryStopsWhereTheEvidenceSays) {
  Traffic traffic;
  traffic.bad_of_canary = 0.01;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    std::mt19937_64 random(seed);
    const auto expected = simulation::seconds_to_breach(random, traffic);
    random.seed(seed);
    CanaryJudge judge({{"errors", CountQuery{}, SequentialRule{}}});
    constexpr Time kStart{std::chrono::hours(490'000)};
    judge.begin_step(traffic.share, kStart);
    int second = 0;
    do {
      const Time start = kStart + std::chrono::seconds(second++);
      judge.look(0, {{start, start + std::chrono::seconds(1)}, simulation::one_second(random, traffic)});
    } while (second < traffic.hold_s &&
             judge.now(kStart + std::chrono::seconds(second)).standing != Standing::breach);
    EXPECT_EQ(second, expected);
  }
}

}  // namespace
}  // namespace signalbox::train::judges
