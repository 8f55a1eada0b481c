// What a hold looks like to its judges and smoke checks, after a restart too.
#include "instruments/train/ramp/watch.hpp"

#include <gtest/gtest.h>

namespace signalbox::train::ramp {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Standing = Watched::Standing;

const Time kStart{seconds(1'750'000'000)};

// Notes its windows; data are there but in the stretch that is named.
class FakeJudges final : public MetricJudges {
 public:
  Result<Json> snapshot(Time, Time) override { return Json(); }
  void begin(const Ramp& ramp) override {
    begun.push_back(ramp.weight);
    limits = ramp.baseline["slow_above"].as_number();
  }
  MetricsView look(Time from, Time to, const Budget&) override {
    MetricsView out;
    ticks += look_takes;
    out.is_behind = look_takes > look_fits;
    out.seen_until = out.is_behind ? from : to;
    if (out.is_behind) return out;
    windows.emplace_back(from, to);
    out.has_data = to <= gone_from || from >= gone_to;
    out.now = out.has_data ? Standing::undecided : Standing::no_data;
    out.at_end = out.has_data ? Standing::good : Standing::no_data;
    return out;
  }
  std::vector<int> begun;
  double limits = 0;
  std::vector<std::pair<Time, Time>> windows;
  Time gone_from = Time::max(), gone_to = Time::max();
  Duration ticks{};                               // a clock that never goes back
  Duration look_takes{}, look_fits = minutes(1);  // longer ones have no time for all metrics
};

Ramp holding(int weight = 5) {
  Ramp out;
  out.attempt = "41";
  out.begun.is_watched = true;
  out.weight = weight;
  out.hold = Hold{0, kStart, {}, kStart, {}};
  out.baseline = Json::object({{"slow_above", 0.25}});
  out.lease = Lease{40, {}, "", kStart - minutes(1), kStart + minutes(60), kStart - minutes(1), {}};
  return out;
}
Ramp taken_over(Time silent_since, Time taken) {
  Ramp out = holding();
  out.lease->silent_since = silent_since;
  out.lease->taken = taken;
  return out;
}
std::optional<std::string> fine(const Words&, const Ramp&) {
  return std::nullopt;
}

struct Watching {
  Watching() {
    auto owned = std::make_unique<FakeJudges>();
    judges = owned.get();
    watch = make_watch(std::move(owned), {{}, fine, {}}, [this] { return judges->ticks; });
  }
  FakeJudges* judges;
  std::unique_ptr<Watch> watch;
};

TEST(Watch, ALeaseThatWasTakenAgainIsAGapLikeARestart) {
  Watching it;
  it.judges->gone_from = kStart + minutes(1);
  it.judges->gone_to = kStart + minutes(6);
  it.watch->look(holding(), kStart + minutes(1));
  Ramp again = taken_over(kStart + minutes(1), kStart + minutes(6));
  again.lease->token = 44;  // the machine slept for five minutes
  EXPECT_EQ(it.watch->look(again, kStart + minutes(6) + seconds(1)).unseen, minutes(5));
}

TEST(Watch, WindowsFollowOneAnotherAndEachWeightBeginsAnew) {
  Watching it;
  it.watch->look(holding(), kStart + seconds(1));
  it.watch->look(holding(), kStart + seconds(3));
  EXPECT_EQ(it.judges->begun, std::vector<int>{5});
  EXPECT_EQ(it.judges->limits, 0.25);
  const std::vector<std::pair<Time, Time>> windows = {{kStart, kStart + seconds(1)},
                                                      {kStart + seconds(1), kStart + seconds(3)}};
  EXPECT_EQ(it.judges->windows, windows);
  Ramp next = holding(25);
  next.hold->start = kStart + minutes(20);
  it.watch->look(next, kStart + minutes(21));
  EXPECT_EQ(it.judges->begun, (std::vector<int>{5, 25}));
}

TEST(Watch, SaysSinceWhenThereIsNoData) {
  Watching it;
  it.judges->gone_from = kStart + seconds(10);
  it.watch->look(holding(), kStart + seconds(10));
  EXPECT_EQ(it.watch->look(holding(), kStart + seconds(20)).no_data_since, kStart + seconds(10));
  EXPECT_EQ(it.watch->look(holding(), kStart + seconds(30)).no_data_since, kStart + seconds(10));
  it.judges->gone_to = kStart + seconds(30);
  EXPECT_FALSE(it.watch->look(holding(), kStart + seconds(40)).no_data_since);
}

TEST(Watch, AfterARestartTheHoldIsSeenFromItsStart) {
  Watching it;
  const Watched watched =
      it.watch->look(taken_over(kStart + minutes(3), kStart + minutes(8)), kStart + minutes(8));
  EXPECT_EQ(watched.unseen, Duration{});  // Prometheus went on while no controller ran
  Time seen = kStart;
  for (const auto& [from, to] : it.judges->windows) {
    EXPECT_EQ(from, seen);
    EXPECT_LE(to - from, minutes(1));  // as many samples as a controller that ran all the time
    seen = to;
  }
  EXPECT_EQ(seen, kStart + minutes(8));
}

TEST(Watch, ALookTakesHalfALeaseAndTheNextOneGoesOn) {
  Watching it;
  it.judges->look_takes = seconds(10);
  Ramp ramp = taken_over(kStart + minutes(9), kStart + minutes(9));
  ramp.begun.plan.lease = seconds(60);
  const Watched first = it.watch->look(ramp, kStart + minutes(9));
  EXPECT_EQ(it.judges->windows.size(), 4U);  // the last one began with nothing left
  EXPECT_EQ(first.now, Standing::undecided);
  EXPECT_EQ(first.at_end, Standing::undecided);
  EXPECT_EQ(first.why, "the time before is looked at: 5m of it are left");
  it.watch->look(ramp, kStart + minutes(9));
  EXPECT_EQ(it.watch->look(ramp, kStart + minutes(9)).at_end, Standing::good);
  EXPECT_EQ(it.judges->windows.back().second, kStart + minutes(9));
}

TEST(Watch, MetricsThatHadNoTimeGoBeforeTheSmokeChecks) {
  auto owned = std::make_unique<FakeJudges>();
  FakeJudges* const judges = owned.get();
  std::vector<std::string> ran;
  const auto run = [&](const Words& words, const Ramp&) -> std::optional<std::string> {
    ran.push_back(words[0]);
    judges->ticks += seconds(20);
    return std::nullopt;
  };
  const auto watch = make_watch(std::move(owned), {{{"./a"}, {"./b"}, {"./c"}}, run, seconds(20)},
                                [judges] { return judges->ticks; });
  Ramp ramp = holding();
  ramp.begun.plan.lease = seconds(60);
  judges->look_takes = minutes(2);
  watch->look(ramp, kStart + seconds(1));
  EXPECT_EQ(ran, (std::vector<std::string>{"./a"}));  // a second one might take longer than is left
  EXPECT_TRUE(judges->windows.empty());
  judges->look_takes = seconds(5);
  watch->look(ramp, kStart + seconds(2));
  EXPECT_EQ(judges->windows.size(), 1U);
  EXPECT_EQ(ran, (std::vector<std::string>{"./a", "./b"}));
  watch->look(ramp, kStart + seconds(3));
  EXPECT_EQ(ran, (std::vector<std::string>{"./a", "./b", "./c"}));
  watch->look(ramp, kStart + seconds(4));  // the round is over, the next begins after a minute
  EXPECT_EQ(ran.size(), 3U);
}

TEST(Watch, AGapInTheDataIsFoundThoughBothEndsHaveSome) {
  Watching it;
  it.judges->gone_from = kStart + minutes(4);
  it.judges->gone_to = kStart + minutes(7);
  const Watched seen =
      it.watch->look(taken_over(kStart + minutes(3), kStart + minutes(8)), kStart + minutes(8));
  EXPECT_EQ(seen.unseen, minutes(3));
}

TEST(Watch, WithoutMetricsTheSilenceIsTheGap) {
  const auto watch = make_watch(nullptr, {{{"./smoke"}}, fine, {}});
  EXPECT_EQ(watch->look(taken_over(kStart + minutes(3), kStart + minutes(8)), kStart + minutes(8)).unseen,
            minutes(5));
  Ramp paused = taken_over(kStart + minutes(3), kStart + minutes(8));
  paused.hold->running_since.reset();
  EXPECT_EQ(make_watch(nullptr, {{{"./smoke"}}, fine, {}})->look(paused, kStart + minutes(8)).unseen,
            Duration{});
}

TEST(Watch, ASmokeCheckCountsWhenItFailsTwiceAndRunsInItsRhythm) {
  int runs = 0;
  int failing = 0;
  const auto run = [&](const Words& words, const Ramp&) -> std::optional<std::string> {
    ++runs;
    if (words[0] == "./b" && failing-- > 0) return "b is down";
    return std::nullopt;
  };
  const auto watch = make_watch(nullptr, {{{"./a"}, {"./b"}}, run, {}});
  EXPECT_EQ(watch->look(holding(), kStart).at_end, Standing::good);
  EXPECT_EQ(runs, 2);
  watch->look(holding(), kStart + seconds(59));
  EXPECT_EQ(runs, 2);
  failing = 1;
  EXPECT_EQ(watch->look(holding(), kStart + seconds(60)).now, Standing::undecided);
  EXPECT_EQ(runs, 5);
  failing = 2;
  const Watched down = watch->look(holding(), kStart + seconds(120));
  EXPECT_EQ(down.now, Standing::breach);
  EXPECT_EQ(down.reason, "smoke");
  EXPECT_EQ(down.why, "b is down");
}

TEST(Watch, AConfigurationThatNamesNothingDoesNotPass) {
  const auto watch = make_watch(nullptr, {{}, fine, {}});
  EXPECT_EQ(watch->look(holding(), kStart).at_end, Standing::no_data);
  Ramp unwatched = holding();
  unwatched.begun.is_watched = false;
  EXPECT_EQ(watch->look(unwatched, kStart).at_end, Standing::good);
}

}  // namespace
}  // namespace signalbox::train::ramp
