// The judges of a hold after a restart: they must have seen what a controller that ran all the time has seen.
#include "instruments/train/ramp/metric_judges.hpp"

#include <gtest/gtest.h>

namespace signalbox::train::ramp {
namespace {

using judges::CanaryMetric;
using judges::CountPair;
using judges::Window;
using std::chrono::minutes;
using std::chrono::seconds;

const Time kStart{seconds(1'750'000'000)};

// A hundred requests a second on the baseline, ten on the canary, every twentieth bad.
class Steady final : public judges::MetricsSource {
 public:
  Duration resolution() const override { return seconds(5); }
  Duration time_limit() const override { return limit; }
  judges::Observation observe(const CanaryMetric& metric, Window window) override {
    asked.emplace_back(metric.name, window.end - window.start);
    ticks += takes;
    const auto length_s = static_cast<double>((window.end - window.start).count()) / 1000;
    return {window, CountPair{{100 * length_s, 5 * length_s}, {10 * length_s, canary_bad * length_s}}};
  }
  Result<double> slow_above(const CanaryMetric&, Window) override { return 0.25; }
  std::vector<std::pair<std::string, Duration>> asked;
  double canary_bad = 0.5;  // a second
  Duration limit{}, takes{}, ticks{};
};

struct Judged {
  explicit Judged(std::vector<CanaryMetric> metrics) {
    auto owned = std::make_unique<Steady>();
    source = owned.get();
    it = make_metric_judges(std::move(metrics), {}, std::move(owned));
  }
  MetricsView look(Time from, Time to, Duration at_most = minutes(1)) {
    return it->look(from, to, Budget(at_most, [this] { return source->ticks; }));
  }
  Steady* source;
  std::unique_ptr<MetricJudges> it;
};

CanaryMetric rate(judges::JudgeRule rule, std::string name = "errors") {
  return {std::move(name), judges::CountQuery{}, std::move(rule)};
}
Ramp holding() {
  Ramp out;
  out.attempt = "41";
  out.weight = 10;
  out.hold = Hold{0, kStart, {}, kStart, {}};
  return out;
}
Json figure(const MetricsView& view, const char* name) {
  return view.metrics.items().at(0)[name];
}

TEST(MetricJudges, KayentasSamplesAreAsManyAfterARestart) {
  Judged always({rate(judges::KayentaRule{})});
  always.source->canary_bad = 5;
  always.it->begin(holding());
  MetricsView view;
  for (int i = 0; i < 40; ++i) view = always.look(kStart + seconds(15 * i), kStart + seconds(15 * (i + 1)));
  EXPECT_EQ(figure(view, "why").as_string(), "10 and 10 samples; judged when the hold is over");
  // The same hold, seen by a watch that came at its end.
  auto owned = std::make_unique<Steady>();
  owned->canary_bad = 5;
  const auto watch =
      make_watch(make_metric_judges({rate(judges::KayentaRule{})}, {}, std::move(owned)), {{}, {}, {}});
  Ramp ramp = holding();
  ramp.lease = Lease{44, {}, "", kStart + minutes(10), kStart + minutes(11), kStart + minutes(10), {}};
  EXPECT_EQ(watch->look(ramp, kStart + minutes(10)).metrics.items().at(0)["why"].as_string(),
            "10 and 10 samples; judged when the hold is over");
}

TEST(MetricJudges, AHoldThatIsSeenAnewCountsOnce) {
  Judged judged({rate(judges::SequentialRule{})});
  judged.it->begin(holding());
  const MetricsView once = judged.look(kStart, kStart + minutes(1));
  judged.it->begin(holding());  // its lease was taken again
  const MetricsView again = judged.look(kStart, kStart + minutes(1));
  EXPECT_EQ(figure(once, "m").as_number(), 330);  // 5.5 bad requests a second
  EXPECT_EQ(figure(again, "m").as_number(), 330);
  EXPECT_EQ(figure(again, "log_e"), figure(once, "log_e"));
}

TEST(MetricJudges, WeightsOfBeforeAreLookedAtInPieces) {
  Judged judged({rate(judges::SequentialRule{})});
  Ramp ramp = holding();
  ramp.held.push_back({5, kStart - minutes(3) - seconds(30), kStart, {}, true});
  judged.it->begin(ramp);
  judged.look(kStart, kStart + seconds(10));
  std::vector<Duration> lengths;
  for (const auto& [name, length] : judged.source->asked) lengths.push_back(length);
  EXPECT_EQ(lengths, (std::vector<Duration>{minutes(1), minutes(1), minutes(1), seconds(30), seconds(10)}));
}

TEST(MetricJudges, WhatHadNoTimeIsAskedNextAndNothingTwice) {
  Judged judged({rate(judges::SequentialRule{}, "a"), rate(judges::SequentialRule{}, "b"),
                 rate(judges::SequentialRule{}, "c")});
  judged.source->limit = judged.source->takes = seconds(10);
  judged.it->begin(holding());
  const MetricsView first = judged.look(kStart, kStart + seconds(30), seconds(25));
  EXPECT_TRUE(first.is_behind);
  EXPECT_EQ(first.seen_until, kStart);
  const MetricsView second = judged.look(kStart, kStart + seconds(60), seconds(25));
  EXPECT_FALSE(second.is_behind);
  EXPECT_EQ(second.seen_until, kStart + seconds(30));
  const std::vector<std::pair<std::string, Duration>> asked = {
      {"a", seconds(30)}, {"b", seconds(30)}, {"c", seconds(30)}};
  EXPECT_EQ(judged.source->asked, asked);
}

TEST(MetricJudges, AWindowThatIsTooShortForTheSourceIsNotLookedAt) {
  Judged judged({rate(judges::SequentialRule{})});
  judged.it->begin(holding());
  EXPECT_EQ(judged.look(kStart, kStart + seconds(4)).seen_until, kStart);
  EXPECT_TRUE(judged.source->asked.empty());
  EXPECT_EQ(judged.look(kStart, kStart + seconds(5)).seen_until, kStart + seconds(5));
}

}  // namespace
}  // namespace signalbox::train::ramp
