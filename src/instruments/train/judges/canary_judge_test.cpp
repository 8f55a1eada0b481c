#include "instruments/train/judges/canary_judge.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace signalbox::train::judges {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Time kStart{std::chrono::hours(490'000)};
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

CanaryMetric errors(SequentialRule rule = {}) {
  return {"errors", CountQuery{}, rule};
}
CanaryMetric memory(ThresholdRule rule) {
  return {"memory", ValueQuery{}, rule};
}
CanaryMetric load(KayentaRule rule = {}, std::string name = "load") {
  return {std::move(name), ValueQuery{}, rule};
}

// Feeds one metric window after window, a minute each.
class Hold {
 public:
  explicit Hold(std::vector<CanaryMetric> metrics, ScoreRule score = {})
      : judge(std::move(metrics), std::move(score)) {
    judge.begin_step(0.05, kStart);
  }
  void see(std::variant<NoData, CountPair, SamplePair> what, std::size_t metric = 0) {
    judge.look(metric, {{time, time + length}, std::move(what)});
  }
  void next() { time += length; }
  void pass(const std::variant<NoData, CountPair, SamplePair>& what, int times = 1) {
    for (int i = 0; i < times; ++i) {
      for (std::size_t metric = 0; metric < judge.metrics().size(); ++metric) see(what, metric);
      next();
    }
  }
  Standing now() const { return judge.now(time).standing; }
  Standing at_end() const { return judge.at_end_of_hold(time).standing; }

  CanaryJudge judge;
  Time time = kStart;
  Duration length = minutes(1);
};

const CountPair kQuiet = {{22'800, 38}, {1'200, 2}};    // 1 in 600 on both sides
const CountPair kBroken = {{22'800, 38}, {1'200, 60}};  // 5 % on the canary
const CountPair kBetter = {{12'000, 600}, {12'000, 300}};

TEST(SequentialJudge, ABrokenCanaryIsABreachThatStays) {
  Hold hold({errors()});
  hold.pass(kQuiet, 3);
  EXPECT_EQ(hold.now(), Standing::undecided);
  hold.pass(kBroken);
  EXPECT_EQ(hold.now(), Standing::breach);
  hold.pass(kQuiet, 100);
  EXPECT_EQ(hold.now(), Standing::breach);
  const Ruling ruling = hold.judge.now(hold.time);
  EXPECT_NE(ruling.why.find("errors: worse than the baseline"), std::string::npos) << ruling.why;
  EXPECT_EQ(ruling.metrics[0].figures["x"].as_number(), 3 * 2 + 60 + 100 * 2);
}

TEST(SequentialJudge, AQuietHoldPassesAtItsEnd) {
  Hold hold({errors()});
  hold.pass(kQuiet, 12);
  EXPECT_EQ(hold.now(), Standing::undecided);
  EXPECT_EQ(hold.at_end(), Standing::good_enough);
}

TEST(SequentialJudge, ABetterCanaryIsPromotedEarlyButNeverBeforeTwoMinutes) {
  Hold hold({errors()});
  hold.length = seconds(30);
  hold.pass(kBetter, 3);
  EXPECT_EQ(hold.now(), Standing::undecided);  // 90 s
  EXPECT_EQ(hold.at_end(), Standing::good_enough);
  hold.pass(kBetter);
  EXPECT_EQ(hold.now(), Standing::good_enough);  // 120 s
}

TEST(SequentialJudge, EvidenceOfAllWeightsCountsAndAnEarlyPromotionThatOfItsOwn) {
  Hold hold({errors()});
  hold.pass(kBetter, 3);
  ASSERT_EQ(hold.now(), Standing::good_enough);
  const Json before = hold.judge.now(hold.time).metrics[0].figures;
  hold.judge.begin_step(0.5, hold.time);
  EXPECT_NE(hold.now(), Standing::good_enough);
  hold.pass(kBroken);
  const Json after = hold.judge.now(hold.time).metrics[0].figures;
  EXPECT_NEAR(after["log_e"].as_number(), before["log_e"].as_number() + after["log_e_step"].as_number(),
              1e-9);
  EXPECT_EQ(after["m"].as_number(), 98);
}

TEST(SequentialJudge, TooFewRequestsAreNoSuccess) {
  Hold hold({errors()});
  hold.pass(CountPair{{400, 0}, {20, 0}}, 4);
  EXPECT_EQ(hold.at_end(), Standing::inconclusive);
  hold.pass(CountPair{{400, 0}, {20, 0}});
  EXPECT_EQ(hold.at_end(), Standing::good_enough);
}

TEST(NoData, IsNeverASuccess) {
  Hold hold({errors()});
  hold.pass(NoData{"Prometheus is away"}, 2);
  EXPECT_EQ(hold.now(), Standing::undecided);  // two minutes are forgiven
  hold.pass(NoData{"Prometheus is away"});
  EXPECT_EQ(hold.now(), Standing::inconclusive);
  EXPECT_EQ(hold.at_end(), Standing::inconclusive);
  EXPECT_NE(hold.judge.now(hold.time).why.find("nothing was measured for 3m: Prometheus is away"),
            std::string::npos)
      << hold.judge.now(hold.time).why;
  hold.pass(kQuiet, 10);  // back again: the hold goes on, but it has a hole
  EXPECT_EQ(hold.now(), Standing::undecided);
  EXPECT_EQ(hold.at_end(), Standing::inconclusive);
  hold.judge.begin_step(0.05, hold.time);  // held anew
  hold.pass(kQuiet, 10);
  EXPECT_EQ(hold.at_end(), Standing::good_enough);
}

TEST(NoData, AtTheVeryStartOrWithoutMetricsIsInconclusive) {
  Hold hold({errors()});
  EXPECT_EQ(hold.at_end(), Standing::inconclusive);
  EXPECT_EQ(Hold({}).now(), Standing::inconclusive);
  EXPECT_EQ(Hold({}).at_end(), Standing::inconclusive);
  EXPECT_EQ(CanaryJudge({errors()}).now(kStart).standing, Standing::inconclusive);
}

TEST(NoData, IsWhatImpossibleOrForeignFiguresAre) {
  Hold hold({errors()});
  hold.pass(CountPair{{100, 0}, {10, 11}}, 15);
  EXPECT_EQ(hold.at_end(), Standing::inconclusive);
  Hold negative({errors()});
  negative.pass(CountPair{{100, -1}, {10, 1}}, 15);
  EXPECT_EQ(negative.at_end(), Standing::inconclusive);
  Hold nothing({errors()});
  nothing.pass(CountPair{{kNaN, kNaN}, {10, 1}}, 15);
  EXPECT_EQ(nothing.at_end(), Standing::inconclusive);
  Hold foreign({errors()});
  foreign.pass(SamplePair{{1}, {1}}, 15);
  EXPECT_EQ(foreign.at_end(), Standing::inconclusive);
  Hold counted({load()});
  counted.pass(kQuiet, 15);
  EXPECT_EQ(counted.at_end(), Standing::inconclusive);
}

ThresholdRule above(double limit, double clear) {
  ThresholdRule rule;
  rule.limit = limit;
  rule.clear = clear;
  rule.lasting = minutes(2);
  return rule;
}

TEST(ThresholdJudge, ALimitIsCrossedAtOneLineAndLeftAtAnother) {
  Hold hold({memory(above(10, 8))});
  const auto value = [&](double canary) { hold.pass(SamplePair{{1}, {canary}}); };
  value(9);
  EXPECT_EQ(hold.now(), Standing::undecided);  // no early promotion by a threshold alone
  EXPECT_EQ(hold.at_end(), Standing::good_enough);
  value(11);
  EXPECT_EQ(hold.now(), Standing::undecided);  // one minute above
  EXPECT_EQ(hold.at_end(), Standing::inconclusive);
  value(9);  // below the limit, not below the line that clears it
  EXPECT_EQ(hold.now(), Standing::breach);
  value(8);
  EXPECT_EQ(hold.at_end(), Standing::good_enough);
  value(9);
  EXPECT_EQ(hold.at_end(), Standing::good_enough);
}

TEST(ThresholdJudge, BelowALimitAndBesideTheBaseline) {
  ThresholdRule rule = above(0.9, 0.95);
  rule.side = ThresholdRule::Side::below;
  rule.of = ThresholdRule::Of::baseline;
  Hold hold({memory(rule)});
  hold.pass(SamplePair{{100}, {91, kNaN}}, 2);
  EXPECT_EQ(hold.at_end(), Standing::good_enough);
  hold.pass(SamplePair{{100}, {89}}, 2);
  EXPECT_EQ(hold.now(), Standing::breach);
  Hold zero({memory(above(2, 2))});
  zero.pass(SamplePair{{0}, {0}}, 3);
  EXPECT_EQ(zero.at_end(), Standing::good_enough);
}

TEST(ThresholdJudge, RatesOfCountsAreValuesToo) {
  Hold hold({{"errors", CountQuery{}, above(0.01, 0.005)}});
  hold.pass(kQuiet, 2);
  EXPECT_EQ(hold.at_end(), Standing::good_enough);
  hold.pass(kBroken, 2);
  EXPECT_EQ(hold.now(), Standing::breach);
}

TEST(ThresholdJudge, ALimitOnTheCanaryIsJudgedWithoutABaseline) {
  Hold hold({memory(above(10, 8))});
  hold.pass(SamplePair{{}, {11}}, 2);
  EXPECT_EQ(hold.now(), Standing::breach);
  Hold counted({{"errors", CountQuery{}, above(0.01, 0.005)}});
  counted.pass(CountPair{{0, 0}, {100, 50}}, 2);
  EXPECT_EQ(counted.now(), Standing::breach);
  ThresholdRule beside = above(2, 2);
  beside.of = ThresholdRule::Of::baseline;
  Hold relative({memory(beside)});
  relative.pass(SamplePair{{}, {11}}, 2);
  EXPECT_EQ(relative.at_end(), Standing::inconclusive);
}

TEST(CanaryJudge, TheWorstOfSeveralMetricsCounts) {
  Hold hold({errors(), memory(above(10, 8))});
  const auto pass = [&](const CountPair& counts, double value) {
    hold.see(counts, 0);
    hold.see(SamplePair{{1}, {value}}, 1);
    hold.next();
  };
  for (int i = 0; i < 3; ++i) pass(kBetter, 5);
  EXPECT_EQ(hold.now(), Standing::good_enough);
  pass(kBetter, 12);
  EXPECT_EQ(hold.now(), Standing::undecided);
  pass(kBetter, 12);
  EXPECT_EQ(hold.now(), Standing::breach);
  EXPECT_EQ(hold.judge.now(hold.time).why, "memory: 12 is above 10, for 2m");
}

TEST(CanaryJudge, AMetricThatFallsSilentHoldsTheOthersUp) {
  Hold hold({errors(), memory(above(10, 8))});
  for (int i = 0; i < 3; ++i) {
    hold.see(kBetter, 0);
    hold.next();
  }
  EXPECT_EQ(hold.now(), Standing::inconclusive);
}

std::vector<double> ramp(double from, int count) {
  std::vector<double> out;
  for (int i = 0; i < count; ++i) out.push_back(from + i % 7);
  return out;
}

TEST(KayentaJudge, JudgesWhenTheHoldIsOver) {
  Hold hold({load()});
  hold.pass(SamplePair{ramp(10, 30), ramp(100, 30)});
  EXPECT_EQ(hold.now(), Standing::undecided);
  EXPECT_EQ(hold.at_end(), Standing::breach);
  const Ruling ruling = hold.judge.at_end_of_hold(hold.time);
  ASSERT_TRUE(ruling.score);
  EXPECT_EQ(ruling.score->value, 0);
  EXPECT_EQ(ruling.metrics[0].figures["classification"].as_string(), "High");
  hold.judge.begin_step(0.25, hold.time);
  hold.pass(SamplePair{ramp(10, 30), ramp(10, 29)});
  EXPECT_EQ(hold.at_end(), Standing::good_enough);
}

TEST(KayentaJudge, AMarginalScoreIsInconclusive) {
  std::vector<CanaryMetric> metrics;
  for (const char* name : {"a", "b", "c", "d", "e"}) metrics.push_back(load({}, name));
  Hold hold(metrics);
  for (std::size_t i = 0; i < 5; ++i) hold.see(SamplePair{ramp(10, 30), ramp(i == 0 ? 100 : 10, 30)}, i);
  hold.next();
  EXPECT_EQ(hold.judge.at_end_of_hold(hold.time).score->value, 80);
  EXPECT_EQ(hold.at_end(), Standing::inconclusive);
}

TEST(KayentaJudge, NothingMeasuredIsInconclusiveWhateverNanBecomes) {
  KayentaRule rule;
  rule.nan = KayentaRule::Nan::replace;
  Hold hold({load(rule)});
  hold.pass(NoData{"away"}, 15);
  EXPECT_EQ(hold.at_end(), Standing::inconclusive);
  Hold removed({load()});
  removed.pass(NoData{"away"}, 15);
  EXPECT_EQ(removed.at_end(), Standing::inconclusive);
}

TEST(KayentaJudge, CountsBecomeOneSampleAMinute) {
  Hold hold({{"errors", CountQuery{}, KayentaRule{}}});
  hold.length = seconds(20);
  hold.pass(kQuiet, 44);
  EXPECT_EQ(hold.judge.now(hold.time).why, "errors: 14 and 14 samples; judged when the hold is over");
  EXPECT_EQ(hold.at_end(), Standing::good_enough);
}

}  // namespace
}  // namespace signalbox::train::judges
