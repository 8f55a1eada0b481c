// The rules of the ramp, each from a state worked out by hand, and what must hold of every state there is.
#include "instruments/train/ramp/next_action.hpp"

#include <gtest/gtest.h>

namespace signalbox::train::ramp {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Kind = Next::Kind;
using What = StepEvent::What;
using Standing = Watched::Standing;

const Time kDepart{seconds(1'750'000'000)};

// A ramp with the default plan that holds 5 % since its departure, and a controller that has the lease.
Ramp holding() {
  Ramp ramp;
  ramp.train = "2026-12";
  ramp.attempt = "41";
  ramp.phase = Phase::ramping;
  ramp.begun_at = kDepart - minutes(61);
  ramp.begun.depart_at = kDepart;
  ramp.has_baseline = ramp.is_announced = ramp.has_moved_traffic = true;
  ramp.weight = 5;
  ramp.hold = Hold{0, kDepart, {}, kDepart, {}};
  ramp.lease =
      Lease{42, {"a, process 1", "here", 1, 1}, "builder@a", kDepart, kDepart + minutes(60), kDepart, {}};
  return ramp;
}
Ramp counting_down() {
  Ramp ramp = holding();
  ramp.phase = Phase::countdown;
  ramp.hold.reset();
  ramp.weight = 0;
  ramp.has_baseline = ramp.is_announced = ramp.has_moved_traffic = false;
  return ramp;
}
Situation at(Time now) {
  Situation out;
  out.now = now;
  out.token = 42;
  out.asked = now;
  out.train_ahead = "";
  return out;
}
Situation seeing(Time now, Standing standing, Standing at_end) {
  Situation out = at(now);
  out.watched = Watched{standing, at_end, "metric", "why", Json::array(), {}, {}};
  return out;
}
Result<Observation> driver_says(int weight) {
  Observation out;
  out.weight = weight;
  return out;
}

TEST(NextAction, NothingIsDoneForWhatIsOver) {
  for (const Phase phase : {Phase::none, Phase::departed, Phase::rolled_back, Phase::aborted, Phase::stuck}) {
    Ramp ramp = holding();
    ramp.phase = phase;
    EXPECT_EQ(next_action(ramp, at(kDepart)).kind, Kind::over) << name_of(phase);
  }
}

TEST(NextAction, TheLeaseComesFirst) {
  Ramp ramp = holding();
  Situation stranger = at(kDepart + minutes(1));
  stranger.token = 0;
  const Next lost = next_action(ramp, stranger);
  EXPECT_EQ(lost.kind, Kind::lost);
  EXPECT_EQ(lost.why, "a, process 1 (builder@a) acts for train 2026-12 since 2025-06-15T15:06:40Z");
  stranger.is_holder_gone = true;
  EXPECT_EQ(next_action(ramp, stranger).kind, Kind::take);
  stranger.is_holder_gone = false;
  stranger.now = kDepart + minutes(60);
  EXPECT_EQ(next_action(ramp, stranger).kind, Kind::take);
  ramp.lease->expires = kDepart + seconds(30);
  EXPECT_EQ(next_action(ramp, at(kDepart)).kind, Kind::renew);
  ramp.lease->expires = kDepart;  // its own, and it ran out: another may act any moment
  EXPECT_EQ(next_action(ramp, at(kDepart)).kind, Kind::take);
  ramp.lease->token = 99;
  EXPECT_EQ(next_action(ramp, at(kDepart)).kind, Kind::lost);
  ramp.lease.reset();
  stranger.token = 0;
  EXPECT_EQ(next_action(ramp, stranger).kind, Kind::take);
}

TEST(NextAction, CountsDownAsTheReleaseDayDoes) {
  Ramp ramp = counting_down();
  const Next early = next_action(ramp, at(kDepart - minutes(90)));
  EXPECT_EQ(early.kind, Kind::wait);
  EXPECT_EQ(early.until, kDepart - minutes(60));
  EXPECT_EQ(next_action(ramp, at(kDepart - minutes(60))).call, Call::baseline);
  ramp.has_baseline = true;
  EXPECT_EQ(next_action(ramp, at(kDepart - minutes(60))).until, kDepart - minutes(30));
  EXPECT_EQ(next_action(ramp, at(kDepart - minutes(30))).call, Call::announce);
  ramp.is_announced = true;
  EXPECT_EQ(next_action(ramp, at(kDepart - minutes(30))).until, kDepart);
  const Next go = next_action(ramp, at(kDepart));
  EXPECT_EQ(go.kind, Kind::call);
  EXPECT_EQ(go.call, Call::set_weight);
  EXPECT_EQ(go.weight, 5);
  ramp.ordered_pause = Pause{kDepart, "order", "pause by ada"};
  EXPECT_EQ(next_action(ramp, at(kDepart + minutes(5))).kind, Kind::wait);
}

TEST(NextAction, TheTrackIsLookedAtBeforeAnyTraffic) {
  Situation turn = at(kDepart - minutes(60));
  turn.train_ahead.reset();
  EXPECT_EQ(next_action(counting_down(), turn).kind, Kind::look_ahead);
  EXPECT_EQ(next_action(holding(), turn).kind, Kind::look);
  turn.train_ahead = "train 2026-11 began before it";
  const Next leaves = next_action(counting_down(), turn);
  EXPECT_EQ(leaves.event.what, What::abandoned);
  EXPECT_EQ(leaves.event.reason, "track");
  EXPECT_EQ(leaves.event.why, "train 2026-11 began before it");
  Ramp others = counting_down();
  others.lease->token = 99;  // without its turn it does not even ask
  turn.train_ahead.reset();
  EXPECT_EQ(next_action(others, turn).kind, Kind::lost);
}

TEST(NextAction, AHoldEndsWhenItsTimeIsOverAndItsJudgesAgree) {
  const Ramp ramp = holding();
  EXPECT_EQ(next_action(ramp, at(kDepart + minutes(1))).kind, Kind::look);
  const Next waits = next_action(ramp, seeing(kDepart + minutes(14), Standing::undecided, Standing::good));
  EXPECT_EQ(waits.kind, Kind::wait);
  EXPECT_EQ(waits.until, kDepart + minutes(14) + seconds(1));
  const Next passed = next_action(ramp, seeing(kDepart + minutes(15), Standing::undecided, Standing::good));
  EXPECT_EQ(passed.event.what, What::passed);
  EXPECT_EQ(passed.event.step, "41.set-5");
  EXPECT_EQ(next_action(ramp, seeing(kDepart + minutes(3), Standing::good, Standing::good)).event.what,
            What::passed);
  const Next thin = next_action(ramp, seeing(kDepart + minutes(15), Standing::undecided, Standing::no_data));
  EXPECT_EQ(thin.event.what, What::paused);
  EXPECT_EQ(thin.event.reason, "no-data");
}

TEST(NextAction, ABreachIsTakenBackAtOnce) {
  Ramp ramp = holding();
  const Next breach = next_action(ramp, seeing(kDepart + seconds(5), Standing::breach, Standing::breach));
  EXPECT_EQ(breach.event.what, What::breached);
  EXPECT_EQ(breach.event.reason, "metric");
  ramp.phase = Phase::going_back;
  ramp.breach = Breach{"metric", "why", kDepart};
  EXPECT_EQ(next_action(ramp, at(kDepart + seconds(5))).call, Call::revert);
  ramp.has_moved_traffic = false;  // nothing to take back
  EXPECT_EQ(next_action(ramp, at(kDepart + seconds(5))).event.what, What::abandoned);
}

TEST(NextAction, NoDataIsForgivenForAQuarterOfTheGapThatIsAllowed) {
  const Ramp ramp = holding();
  Situation blind = seeing(kDepart + seconds(29), Standing::no_data, Standing::no_data);
  blind.watched->no_data_since = kDepart;
  EXPECT_EQ(next_action(ramp, blind).kind, Kind::wait);
  blind.now = kDepart + seconds(30);
  EXPECT_EQ(next_action(ramp, blind).event.what, What::paused);
  Ramp paused = ramp;
  paused.hold->stopped = Pause{kDepart + seconds(30), "no-data", "why"};
  blind.now = kDepart + seconds(30) + minutes(10) - seconds(1);
  blind.asked = blind.now;
  EXPECT_EQ(next_action(paused, blind).kind, Kind::wait);
  blind.now += seconds(1);
  EXPECT_EQ(next_action(paused, blind).event.reason, "no-data");
  EXPECT_EQ(next_action(paused, blind).event.what, What::breached);
  EXPECT_EQ(next_action(paused, seeing(blind.now, Standing::undecided, Standing::good)).event.what,
            What::resumed);
}

TEST(NextAction, AGapInTheDataOfMoreThanTwoMinutesTakesItBack) {
  Situation gap = seeing(kDepart + minutes(9), Standing::undecided, Standing::good);
  gap.watched->unseen = minutes(2);
  EXPECT_EQ(next_action(holding(), gap).kind, Kind::wait);
  gap.watched->unseen = minutes(2) + Duration(1);
  EXPECT_EQ(next_action(holding(), gap).event.reason, "data-gap");
}

TEST(NextAction, TheDriverIsAskedFromTimeToTimeAndADriftPauses) {
  const Ramp ramp = holding();
  Situation turn = seeing(kDepart + minutes(2), Standing::undecided, Standing::good);
  turn.asked = kDepart + minutes(1);
  EXPECT_EQ(next_action(ramp, turn).kind, Kind::ask);
  turn.seen = driver_says(5);
  EXPECT_EQ(next_action(ramp, turn).kind, Kind::wait);
  turn.seen = driver_says(40);
  EXPECT_EQ(next_action(ramp, turn).event.reason, "drift");
  turn.seen = Result<Observation>(fail(ErrorKind::unavailable, "away"));
  EXPECT_EQ(next_action(ramp, turn).event.what, What::paused);
  // Once it drifted it is asked in every turn: silence is no recovery.
  Ramp drifted = ramp;
  drifted.hold->stopped = Pause{kDepart, "drift", "why"};
  turn.seen.reset();
  turn.asked = turn.now;
  EXPECT_EQ(next_action(drifted, turn).kind, Kind::ask);
  turn.seen = driver_says(5);
  EXPECT_EQ(next_action(drifted, turn).event.what, What::resumed);
}

TEST(NextAction, ACallWithoutAnEndIsLookedIntoFirst) {
  Ramp ramp = holding();
  ramp.hold.reset();
  ramp.next_weight = 1;
  ramp.open = OpenCall{Call::set_weight, "41.set-25", 25, kDepart};
  Situation turn = at(kDepart + minutes(1));
  EXPECT_EQ(next_action(ramp, turn).kind, Kind::ask);
  turn.seen = driver_says(25);
  const Next found = next_action(ramp, turn);
  EXPECT_EQ(found.event.what, What::outcome);
  EXPECT_EQ(found.event.how, StepEvent::How::found);
  turn.seen = driver_says(5);
  const Next again = next_action(ramp, turn);
  EXPECT_EQ(again.kind, Kind::call);
  EXPECT_EQ(again.weight, 25);
  turn.seen = Observation{};  // it cannot tell: the same step again
  EXPECT_EQ(next_action(ramp, turn).kind, Kind::call);
  ramp.open = OpenCall{Call::announce, "41.announce", 0, kDepart};
  EXPECT_EQ(next_action(ramp, turn).event.result, StepEvent::Result::failed);
  ramp.open = OpenCall{Call::promote, "41.promote", 100, kDepart};
  turn.seen = driver_says(100);
  EXPECT_EQ(next_action(ramp, turn).event.call, Call::promote);
}

TEST(NextAction, TriesAreSpacedAndEnd) {
  Ramp ramp = holding();
  ramp.hold.reset();
  ramp.next_weight = 1;
  ramp.failures["41.set-25"] = 2;
  ramp.last_failure = kDepart;
  Situation turn = at(kDepart + seconds(1));
  turn.seen = driver_says(5);
  const Next pause = next_action(ramp, turn);
  EXPECT_EQ(pause.kind, Kind::wait);
  EXPECT_EQ(pause.until, kDepart + seconds(2));
  turn.now = kDepart + seconds(2);
  EXPECT_EQ(next_action(ramp, turn).kind, Kind::call);
  ramp.failures["41.set-25"] = 3;
  EXPECT_EQ(next_action(ramp, turn).event.reason, "driver");
  turn.seen = driver_says(25);  // it had come about all the same
  EXPECT_EQ(next_action(ramp, turn).event.how, StepEvent::How::found);
}

TEST(NextAction, ARollbackThatFailsThreeTimesIsStuck) {
  Ramp ramp = holding();
  ramp.hold.reset();
  ramp.phase = Phase::going_back;
  ramp.breach = Breach{"metric", "why", kDepart};
  ramp.failures["41.revert"] = 3;
  ramp.last_failure = kDepart;
  Situation turn = at(kDepart + minutes(1));
  turn.seen = driver_says(5);
  EXPECT_EQ(next_action(ramp, turn).event.what, What::stuck);
  turn.seen = driver_says(0);  // by hand, or later than its answer
  EXPECT_EQ(next_action(ramp, turn).event.how, StepEvent::How::found);
}

TEST(NextAction, AfterPromotionItIsSummedUpTaggedAndRecorded) {
  Ramp ramp = holding();
  ramp.hold.reset();
  ramp.next_weight = 3;
  EXPECT_EQ(next_action(ramp, at(kDepart)).call, Call::promote);
  ramp.phase = Phase::promoting;
  ramp.promoted_at = kDepart;
  EXPECT_EQ(next_action(ramp, at(kDepart)).kind, Kind::sum_up);
  ramp.has_canary = true;
  EXPECT_EQ(next_action(ramp, at(kDepart)).kind, Kind::arrive);
  ramp.begun.makes_tag = true;
  EXPECT_EQ(next_action(ramp, at(kDepart)).call, Call::tag);
  ramp.failures["41.tag"] = 3;
  EXPECT_EQ(next_action(ramp, at(kDepart)).kind, Kind::arrive);
}

// Every combination of what a ramp and a situation can be, as far as the rules tell them apart.
class EveryState {
 public:
  template <class Check>
  static int visit(Check check) {
    int states = 0;
    for (const Phase phase : {Phase::countdown, Phase::ramping, Phase::promoting, Phase::going_back})
      for (int open = 0; open <= 6; ++open)
        for (int hold = 0; hold < 3; ++hold)
          for (int lease = 0; lease < 4; ++lease)
            for (int seen = 0; seen < 5; ++seen)
              for (int watched = 0; watched < 5; ++watched)
                for (int more = 0; more < 16; ++more) {
                  ++states;
                  check(ramp(phase, open, hold, lease, more), situation(lease, seen, watched, more));
                }
    return states;
  }

 private:
  static Ramp ramp(Phase phase, int open, int hold, int lease, int more) {
    Ramp out = holding();
    out.phase = phase;
    if (open > 0) out.open = OpenCall{static_cast<Call>(open - 1), "41.x", 25, kDepart};
    const bool is_revert = out.open && out.open->call == Call::revert;
    if (is_revert && phase != Phase::going_back) out.open.reset();  // `fold` lets no such thing be
    if (hold == 0) out.hold.reset();
    if (hold == 2) out.hold->stopped = Pause{kDepart, "no-data", "why"};
    if (lease == 0) out.lease.reset();
    if (lease == 1) out.lease->token = 7;
    if (out.phase == Phase::going_back) out.breach = Breach{"metric", "why", kDepart};
    if (out.phase == Phase::countdown) out.has_moved_traffic = false, out.hold.reset();
    if ((more & 1) != 0 && out.phase == Phase::promoting) out.promoted_at = kDepart;
    if ((more & 1) != 0 && out.phase == Phase::going_back) out.reverted_at = kDepart;
    if ((more & 2) != 0) out.ordered_pause = Pause{kDepart, "order", "why"};
    if ((more & 4) != 0) {
      for (const char* step : {"41.set-5", "41.set-25", "41.promote", "41.revert"}) out.failures[step] = 3;
      out.last_failure = kDepart;
    }
    if ((more & 8) != 0) out.next_weight = out.begun.plan.weights.size();
    return out;
  }
  static Situation situation(int lease, int seen, int watched, int more) {
    Situation out = at(kDepart + minutes((more & 1) != 0 ? 40 : 5));
    if (lease == 2) out.token = 0;
    if (seen == 1) out.seen = driver_says(0);
    if (seen == 2) out.seen = driver_says(25);
    if (seen == 3) out.seen = driver_says(100);
    if (seen == 4) out.seen = Result<Observation>(fail(ErrorKind::unavailable, "away"));
    if (watched > 0)
      out.watched =
          seeing(out.now, static_cast<Standing>(watched - 1), static_cast<Standing>(watched - 1)).watched;
    return out;
  }
};

bool implies(bool condition, bool consequence) {
  return !condition || consequence;
}

TEST(NextAction, NoStateLetsARuleBeBroken) {
  const int states = EveryState::visit([](const Ramp& ramp, const Situation& situation) {
    const Next next = next_action(ramp, situation);
    const bool has_turn = ramp.lease && ramp.lease->token == situation.token;
    const bool acts = next.kind != Kind::lost && next.kind != Kind::take;
    EXPECT_NE(next.kind, Kind::over);
    EXPECT_TRUE(implies(acts, has_turn)) << "acts without the lease";
    EXPECT_TRUE(implies(next.kind == Kind::ask, !situation.seen)) << "asks twice in a turn";
    EXPECT_TRUE(implies(next.kind == Kind::look, !situation.watched)) << "looks twice in a turn";
    const bool calls = next.kind == Kind::call;
    const bool goes_on = calls && (next.call == Call::set_weight || next.call == Call::promote);
    EXPECT_TRUE(implies(goes_on, !ramp.breach)) << "goes on after a breach";
    EXPECT_TRUE(implies(goes_on, ramp.open || !ramp.ordered_pause)) << "goes on though a person paused";
    EXPECT_TRUE(implies(goes_on, !ramp.promoted_at)) << "goes on after the end";
    EXPECT_TRUE(implies(calls && next.call == Call::revert, ramp.breach && !ramp.promoted_at))
        << "takes back what departed";
    EXPECT_TRUE(implies(calls && next.call == Call::promote, ramp.next_weight == 3 || ramp.open))
        << "skips weights";
    const bool writes = next.kind == Kind::write;
    const bool passes = writes && next.event.what == What::passed;
    EXPECT_TRUE(implies(passes, situation.watched && situation.watched->at_end == Standing::good))
        << "passes unseen";
    EXPECT_TRUE(implies(passes, !ramp.ordered_pause)) << "passes though a person paused";
    EXPECT_TRUE(implies(next.kind == Kind::arrive, ramp.promoted_at.has_value()));
    EXPECT_TRUE(implies(next.kind == Kind::go_back, ramp.reverted_at.has_value()));
    EXPECT_TRUE(implies(writes && next.event.what == What::abandoned, !ramp.has_moved_traffic));
    const bool is_back = situation.seen && *situation.seen && (*situation.seen)->weight == 0;
    EXPECT_TRUE(implies(writes && next.event.what == What::stuck, !is_back));
  });
  EXPECT_EQ(states, 4 * 7 * 3 * 4 * 5 * 5 * 16);
}

}  // namespace
}  // namespace signalbox::train::ramp
