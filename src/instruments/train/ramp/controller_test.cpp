// Whole ramps in a simulated world: as planned, with every fault, and killed at every moment.
#include "instruments/train/ramp/controller.hpp"

#include <array>

#include <gtest/gtest.h>

#include "instruments/train/ramp/records.hpp"
#include "instruments/train/ramp/simulation.hpp"

namespace signalbox::train::ramp {
namespace {

using testing::Killed;
using testing::minutes;
using testing::seconds;
using testing::Simulation;
using Standing = Watched::Standing;

const std::string kAttempt = "2";

std::string step(const std::string& name) {
  return kAttempt + "." + name;
}
// The canary is worse than the baseline once it has this weight.
std::function<void(const Ramp&, Time, Watched&)> worse_at(int weight) {
  return [weight](const Ramp& ramp, Time, Watched& out) {
    if (ramp.weight < weight) return;
    out.now = out.at_end = Standing::breach;
    out.reason = "metric";
    out.why = "errors: 9 of 10 bad requests are the canary's";
  };
}
const Json& last_of(const Simulation& world, const std::string& kind) {
  static const Json none;
  for (auto event = world.events.rbegin(); event != world.events.rend(); ++event) {
    if (event->kind == kind) return event->predicate;
  }
  return none;
}
Ramp ride(Simulation& world) {
  world.append_begin();
  Controller controller = world.controller(7);
  return world.run(controller);
}

TEST(Controller, AGoodTrainDepartsAsPlanned) {
  Simulation world;
  const Time depart = world.begin.depart_at;
  const Ramp ramp = ride(world);
  EXPECT_EQ(ramp.phase, Phase::departed);
  const std::vector<std::string> wanted = {step("baseline"), step("announce"), step("set-5"),
                                           step("set-50"),   step("promote"),  step("tag")};
  EXPECT_EQ(world.effects, wanted);
  EXPECT_TRUE(world.is_promoted);
  ASSERT_EQ(ramp.held.size(), 2U);
  EXPECT_EQ(ramp.held[0].start, depart);
  EXPECT_EQ(ramp.held[0].end - ramp.held[0].start, minutes(4));
  EXPECT_EQ(ramp.held[1].end, depart + minutes(8));
  EXPECT_EQ(last_of(world, "canary")["result"].as_string(), "pass");
  const Json& departure = last_of(world, "departure");
  EXPECT_EQ(departure["times"]["first_traffic"].as_string(), to_rfc3339(depart));
  EXPECT_EQ(departure["times"]["all_traffic"].as_string(), to_rfc3339(depart + minutes(8)));
  EXPECT_TRUE(departure["tag"]["made"].as_bool());
  EXPECT_TRUE(world.pages.empty());
}

TEST(Controller, ATrainThatIsLateLeavesAtOnce) {
  Simulation world;
  world.begin.depart_at = world.clock.now() - minutes(5);
  const Time now = world.clock.now();
  EXPECT_EQ(ride(world).held.front().start, now);
}

TEST(Controller, ABreachTakesAllTrafficBackAndTellsWhy) {
  Simulation world;
  world.judge = worse_at(50);
  const Ramp ramp = ride(world);
  EXPECT_EQ(ramp.phase, Phase::rolled_back);
  EXPECT_EQ(world.weight, 0);
  EXPECT_EQ(world.count(step("promote")), 0);
  const Json& canary = last_of(world, "canary");
  EXPECT_EQ(canary["result"].as_string(), "fail");
  ASSERT_EQ(canary["steps"].size(), 2U);
  EXPECT_TRUE(canary["steps"].items()[0]["passed"].as_bool());
  EXPECT_FALSE(canary["steps"].items()[1]["passed"].as_bool());
  const Json& rollback = last_of(world, "rollback");
  EXPECT_EQ(rollback["trigger"]["reason"].as_string(), "metric");
  EXPECT_EQ(rollback["to"].as_string(), "v1.2.0");
  EXPECT_TRUE(rollback["within_budget"].as_bool());
  EXPECT_EQ(world.pages, std::vector<std::string>{"metric"});
}

TEST(Controller, TrafficGoesBackBeforeAnybodyIsPaged) {
  Simulation world;
  world.judge = worse_at(50);
  ride(world);
  EXPECT_EQ(world.weights_at_page, std::vector<int>{0});
  Simulation stuck;  // a way back that fails delays no page either
  stuck.judge = worse_at(50);
  stuck.failing[step("revert")] = 99;
  ride(stuck);
  EXPECT_EQ(stuck.pages, (std::vector<std::string>{"metric", "driver"}));
}

TEST(Controller, WhoStopsBetweenABreachAndTheWayBackStillPages) {
  Simulation world;
  world.judge = worse_at(5);
  world.append_begin();
  Controller controller = world.controller(7);
  for (int i = 0; i < 2000 && !world.ramp().breach; ++i) {
    const auto turn = controller.turn();
    ASSERT_TRUE(turn) << turn.error().message;
    if (turn->did == Next::Kind::wait)
      world.clock.set(
          std::clamp(turn->until, world.clock.now() + Duration(1), world.clock.now() + minutes(1)));
  }
  ASSERT_TRUE(world.pages.empty());
  controller.release();
  EXPECT_EQ(world.pages, std::vector<std::string>{"metric"});
}

TEST(Controller, MissingMetricsPauseAndThenTakeItBack) {
  Simulation world;
  const Time depart = world.begin.depart_at;
  world.judge = [&](const Ramp&, Time, Watched& out) {
    out.now = out.at_end = Standing::no_data;
    out.why = "Prometheus does not answer";
    out.no_data_since = depart;
  };
  const Ramp ramp = ride(world);
  EXPECT_EQ(ramp.phase, Phase::rolled_back);
  EXPECT_EQ(last_of(world, "canary")["result"].as_string(), "inconclusive");
  EXPECT_EQ(world.count(step("set-50")), 0);
  const std::vector<std::string> pages = {"no-data", "no-data"};
  EXPECT_EQ(world.pages, pages);
  // Paused after a minute (the look after 30 s without data), taken back 10 minutes later.
  EXPECT_EQ(ramp.breach->detected, depart + minutes(1) + minutes(10));
}

TEST(Controller, MetricsThatComeBackGoOnWithTheHold) {
  Simulation world;
  const Time depart = world.begin.depart_at;
  world.judge = [&](const Ramp&, Time now, Watched& out) {
    const bool is_away = now > depart && now < depart + minutes(6);
    if (!is_away) return;
    out.now = out.at_end = Standing::no_data;
    out.no_data_since = depart;
  };
  const Ramp ramp = ride(world);
  EXPECT_EQ(ramp.phase, Phase::departed);
  // Paused from minute 1 to 6: its 4 minutes end at 9.
  EXPECT_EQ(ramp.held[0].end, depart + minutes(9));
}

TEST(Controller, NoDataAtTheEndOfAHoldIsNoSuccess) {
  Simulation world;
  world.judge = [](const Ramp&, Time, Watched& out) { out.at_end = Standing::no_data; };
  EXPECT_EQ(ride(world).phase, Phase::rolled_back);
}

TEST(Controller, SomebodyElseWhoMovesTheTrafficIsSeen) {
  Simulation world;
  world.at_turn = [&] {
    if (world.weight == 5) world.reported_weight = 40;
  };
  const Ramp ramp = ride(world);
  EXPECT_EQ(ramp.phase, Phase::rolled_back);
  EXPECT_EQ(ramp.breach->reason, "drift");
  EXPECT_NE(ramp.breach->why.find("the driver says 40 %, and 5 % were ordered"), std::string::npos);
}

TEST(Controller, ACallThatFailsIsTriedThreeTimes) {
  Simulation world;
  world.failing[step("set-50")] = 2;
  EXPECT_EQ(ride(world).phase, Phase::departed);
  Simulation worse;
  worse.failing[step("set-50")] = 3;
  EXPECT_EQ(ride(worse).phase, Phase::rolled_back);
  EXPECT_EQ(worse.ramp().breach->why, "set_weight has failed 3 times");
  Simulation promotion;
  promotion.failing[step("promote")] = 3;
  EXPECT_EQ(ride(promotion).phase, Phase::rolled_back);
  EXPECT_EQ(promotion.weight, 0);
}

TEST(Controller, ALostAnswerIsAskedForNotTriedAgain) {
  for (const char* name : {"set-5", "promote"}) {
    Simulation world;
    world.unanswered[step(name)] = 1;
    int calls = 0;
    const Ramp ramp = ride(world);
    for (const Event& event : world.events) {
      if (event.predicate["what"].as_string() == "intent" &&
          event.predicate["step"].as_string() == step(name))
        ++calls;
    }
    EXPECT_EQ(ramp.phase, Phase::departed);
    EXPECT_EQ(calls, 1) << name;
  }
}

TEST(Controller, APromotionThatCameAboutAndFailedIsTakenBack) {
  Simulation world;
  world.unanswered[step("promote")] = 3;
  world.at_turn = [&] { world.is_blind = world.is_promoted; };  // nobody knows whether it came about
  const Ramp ramp = ride(world);
  EXPECT_EQ(ramp.phase, Phase::rolled_back);
  EXPECT_EQ(ramp.breach->reason, "driver");
  EXPECT_EQ(world.weight, 0);
  EXPECT_FALSE(world.is_promoted);
}

TEST(Controller, ARollbackOrderedDuringThePromotionIsNoDeparture) {
  using What = OrderEvent::What;
  for (const What what : {What::abort, What::rollback}) {
    Simulation world;
    world.append_begin();
    Controller controller = world.controller(7);
    world.at_turn = [&] {  // while the call runs
      if (world.ramp().next_weight == 2 && !world.is_promoted) world.during_call = [&] { world.order(what); };
    };
    EXPECT_EQ(world.run(controller).phase, Phase::rolled_back) << name_of(what);
    EXPECT_EQ(world.count(step("promote")), 1);
    EXPECT_EQ(world.weight, 0);
  }
  // The controller died in the promotion: before the call, after it, after its outcome.
  int tried = 0;
  for (int at = 0; at < 40; ++at) {
    Simulation world;
    world.append_begin();
    world.at_turn = [&] {
      if (world.ramp().next_weight == 2 && world.kill_at < 0) world.moment = 0, world.kill_at = at;
    };
    Controller mortal = world.controller(7);
    try {
      world.run(mortal);
    } catch (const Killed&) {
    }
    world.dead[7] = true;
    world.at_turn = nullptr;
    world.kill_at = -1;
    if (world.ramp().phase != Phase::promoting) continue;
    ++tried;
    world.order(What::rollback);
    Controller next = world.controller(8);
    EXPECT_EQ(world.run(next).phase, Phase::rolled_back) << "killed at " << at;
    EXPECT_EQ(world.weight, 0) << "killed at " << at;
    EXPECT_EQ(last_of(world, "rollback")["trigger"]["reason"].as_string(), "order");
  }
  EXPECT_GE(tried, 4);
}

TEST(Controller, AStuckRampThatWasPutRightByHandIsFoundSo) {
  Simulation world;
  world.judge = worse_at(5);
  world.failing[step("revert")] = 99;
  ASSERT_EQ(ride(world).phase, Phase::stuck);
  world.weight = 0;  // by hand: the lever stays stiff
  world.order(OrderEvent::What::rollback);
  world.dead[7] = true;
  Controller controller = world.controller(8);
  EXPECT_EQ(world.run(controller).phase, Phase::rolled_back);
  EXPECT_EQ(world.count(step("revert")), 0);
}

TEST(Controller, AnApproversWordEndsAStuckRampWhoseDriverIsGone) {
  Simulation world;
  world.judge = worse_at(5);
  world.failing[step("revert")] = 99;
  ASSERT_EQ(ride(world).phase, Phase::stuck);
  world.is_blind = true;                   // for good
  world.order(OrderEvent::What::by_hand);  // of this machine's key, which is no approver's
  EXPECT_EQ(world.ramp().phase, Phase::stuck);
  world.order(OrderEvent::What::by_hand);
  world.events.back().roles = {"approver"};
  world.dead[7] = true;
  Controller controller = world.controller(8);
  EXPECT_EQ(world.run(controller).phase, Phase::rolled_back);
  EXPECT_EQ(world.count(step("revert")), 0);
  EXPECT_EQ(last_of(world, "rollback")["by_hand"].as_string(), "builder@box: because");
  EXPECT_EQ(last_of(world, "canary")["result"].as_string(), "fail");
}

TEST(Controller, ALeaseOfItsOwnThatRanOutIsTakenAgain) {
  Simulation world;
  world.append_begin();
  Controller controller = world.controller(7);
  ASSERT_EQ(controller.turn()->did, Next::Kind::take);
  const std::uint64_t token = world.ramp().lease->token;
  world.clock.advance(minutes(10));  // its machine slept
  EXPECT_EQ(controller.turn()->did, Next::Kind::take);
  EXPECT_GT(world.ramp().lease->token, token);
  EXPECT_EQ(world.run(controller).phase, Phase::departed);
}

TEST(Controller, ASlowAnswerCostsNoCallItsLease) {
  Simulation world;
  world.failing[step("set-50")] = 1;
  world.answer_takes = seconds(80);
  bool has_waited = false;
  world.at_turn = [&] {
    const Ramp ramp = world.ramp();
    if (has_waited || !ramp.last_failure) return;
    has_waited = true;  // the driver is asked next, a second before the lease would be renewed
    world.clock.set(
        std::max(world.clock.now(), ramp.lease->expires - world.begin.plan.lease / 2 - seconds(1)));
  };
  EXPECT_EQ(ride(world).phase, Phase::departed);
  EXPECT_TRUE(has_waited);
  EXPECT_GE(world.least_left_at_call, world.begin.plan.lease / 2);
}

TEST(Controller, ARollbackThatFailsThreeTimesIsStuckUntilAPersonActs) {
  Simulation world;
  world.judge = worse_at(5);
  world.failing[step("revert")] = 3;
  const Ramp ramp = ride(world);
  EXPECT_EQ(ramp.phase, Phase::stuck);
  EXPECT_EQ(ramp.manual_steps, std::vector<std::string>{"pull the lever"});
  EXPECT_EQ(world.weight, 5);  // frozen
  EXPECT_EQ(world.pages.back(), "driver");
  world.append_begin();  // another departure is ignored as long as it is stuck
  EXPECT_EQ(world.ramp().phase, Phase::stuck);
  world.order(OrderEvent::What::rollback);
  world.dead[7] = true;
  Controller controller = world.controller(8);
  EXPECT_EQ(world.run(controller).phase, Phase::rolled_back);
  EXPECT_EQ(world.weight, 0);
}

TEST(Controller, ABaselineThatCannotBeTakenEndsItBeforeAnyTraffic) {
  Simulation world;
  world.failing[step("baseline")] = 99;
  EXPECT_EQ(ride(world).phase, Phase::aborted);
  EXPECT_TRUE(world.effects.empty());
  EXPECT_TRUE(last_of(world, "rollback").is_null());
}

TEST(Controller, AnAnnouncementOrTagThatFailsHindersNothing) {
  Simulation world;
  world.failing[step("announce")] = 1;
  world.failing[step("tag")] = 99;
  EXPECT_EQ(ride(world).phase, Phase::departed);
  EXPECT_FALSE(last_of(world, "departure")["tag"]["made"].as_bool(true));
}

TEST(Controller, OrdersOfPeopleAreObeyed) {
  using What = OrderEvent::What;
  Simulation paused;
  const Time depart = paused.begin.depart_at;
  bool is_paused = false, is_resumed = false;
  paused.at_turn = [&] {
    if (!is_paused && paused.clock.now() >= depart + minutes(1))
      is_paused = (paused.order(What::pause), true);
    if (!is_resumed && paused.clock.now() >= depart + minutes(31))
      is_resumed = (paused.order(What::resume), true);
  };
  const Ramp ramp = ride(paused);
  EXPECT_EQ(ramp.phase, Phase::departed);
  EXPECT_EQ(ramp.held[0].end, depart + minutes(34));

  Simulation aborted;
  aborted.at_turn = [&] {
    if (aborted.weight == 5 && aborted.ramp().hold) aborted.order(What::abort), aborted.at_turn = nullptr;
  };
  EXPECT_EQ(ride(aborted).phase, Phase::rolled_back);
  EXPECT_EQ(aborted.weight, 0);
  EXPECT_EQ(last_of(aborted, "rollback")["trigger"]["why"].as_string(), "abort by builder@box: because");
  EXPECT_EQ(last_of(aborted, "canary")["result"].as_string(), "aborted");

  Simulation early;
  early.at_turn = [&] { early.order(What::abort), early.at_turn = nullptr; };
  EXPECT_EQ(ride(early).phase, Phase::aborted);
  EXPECT_EQ(early.weight, 0);
  EXPECT_EQ(early.count(step("revert")), 0);
}

TEST(Controller, ABreachCountsWhileAPersonHasPaused) {
  Simulation world;
  bool is_bad = false;
  world.judge = [&](const Ramp& ramp, Time now, Watched& out) {
    if (is_bad) worse_at(5)(ramp, now, out);
  };
  world.at_turn = [&] {
    if (!world.ramp().hold || is_bad) return;
    world.order(OrderEvent::What::pause);
    is_bad = true;
  };
  EXPECT_EQ(ride(world).phase, Phase::rolled_back);
}

TEST(Controller, AnOrderBetweenIntentAndOutcomeLosesNeither) {
  Simulation world;
  world.append_begin();
  Controller controller = world.controller(7);
  world.at_turn = [&] {
    if (world.ramp().has_moved_traffic || world.ramp().phase != Phase::countdown ||
        !world.ramp().is_announced)
      return;
    world.during_call = [&] { world.order(OrderEvent::What::abort); };
  };
  EXPECT_EQ(world.run(controller).phase, Phase::rolled_back);
  EXPECT_EQ(world.weight, 0);
}

TEST(Controller, ATrainThatBeganLaterLeavesTheTrackBeforeAnyTraffic) {
  Simulation world;
  world.ahead = "train 2026-11 of shop began before it, and is on its way: ramping";
  const Ramp ramp = ride(world);
  EXPECT_EQ(ramp.phase, Phase::aborted);
  EXPECT_TRUE(world.effects.empty());
  EXPECT_EQ(ramp.breach->reason, "track");
  EXPECT_EQ(ramp.breach->why, world.ahead);
  EXPECT_TRUE(world.pages.empty());
  // One whose traffic has moved has held the track since before: it goes on.
  Simulation moving;
  moving.at_turn = [&] {
    if (moving.weight == 5) moving.ahead = "somebody";
  };
  EXPECT_EQ(ride(moving).phase, Phase::departed);
}

TEST(Controller, GoingBackAfterADepartureIsAnAttemptOfItsOwn) {
  Simulation world;
  ASSERT_EQ(ride(world).phase, Phase::departed);
  world.begin.purpose = Begin::Purpose::go_back;
  world.begin.why = "customers complain";
  world.append_begin();
  world.dead[7] = true;
  Controller controller = world.controller(8);
  const Ramp ramp = world.run(controller);
  EXPECT_EQ(ramp.phase, Phase::rolled_back);
  EXPECT_NE(ramp.attempt, kAttempt);
  EXPECT_EQ(world.weight, 0);
  EXPECT_EQ(last_of(world, "rollback")["trigger"]["why"].as_string(), "customers complain");
}

// What must hold of a ramp however often its controllers were killed.
void expect_sound(const Simulation& world, const Ramp& ramp, const std::string& when) {
  for (const char* name : {"announce", "set-5", "set-50", "promote", "revert"})
    EXPECT_LE(world.count(step(name)), 1) << name << " " << when;
  EXPECT_EQ(world.count(step("promote")) + world.count(step("revert")), 1) << when;
  EXPECT_TRUE(ramp.ignored.empty()) << ramp.ignored.front().message << " " << when;
  if (ramp.phase == Phase::departed) {
    EXPECT_TRUE(world.is_promoted) << when;
    EXPECT_EQ(world.count(step("set-5")) + world.count(step("set-50")), 2) << when;
  } else {
    EXPECT_EQ(ramp.phase, Phase::rolled_back) << when;
    EXPECT_EQ(world.weight, 0) << when;
  }
}

int moments_of(const std::function<void(const Ramp&, Time, Watched&)>& judge) {
  Simulation world;
  world.judge = judge;
  world.append_begin();
  world.moment = 0;
  Controller controller = world.controller(7);
  world.run(controller);
  return world.moment;
}

TEST(ControllerKilled, AtEveryMomentOfADeparture) {
  const int moments = moments_of(nullptr);
  ASSERT_GT(moments, 40);
  for (int at = 0; at < moments; ++at) {
    Simulation world;
    world.append_begin();
    const Ramp ramp = world.run_with_kills({at});
    EXPECT_EQ(ramp.phase, Phase::departed) << "killed at " << at;
    expect_sound(world, ramp, "killed at " + std::to_string(at));
  }
}

TEST(ControllerKilled, AtEveryMomentOfARollback) {
  const int moments = moments_of(worse_at(50));
  for (int at = 0; at < moments; ++at) {
    Simulation world;
    world.judge = worse_at(50);
    world.append_begin();
    const Ramp ramp = world.run_with_kills({at});
    EXPECT_EQ(ramp.phase, Phase::rolled_back) << "killed at " << at;
    expect_sound(world, ramp, "killed at " + std::to_string(at));
  }
}

TEST(ControllerKilled, ManyTimesOver) {
  std::uint32_t state = 12'345;
  const auto random = [&](int below) {
    state = state * 1'664'525U + 1'013'904'223U;
    return static_cast<int>((state >> 8) % static_cast<std::uint32_t>(below));
  };
  for (int round = 0; round < 100; ++round) {
    Simulation world;
    if (round % 2 == 1) world.judge = worse_at(round % 4 == 1 ? 5 : 50);
    world.append_begin();
    std::vector<int> kills;
    for (int i = 0; i < 12; ++i) kills.push_back(random(9));
    const Ramp ramp = world.run_with_kills(kills);
    expect_sound(world, ramp, "round " + std::to_string(round));
    EXPECT_EQ(ramp.phase, round % 2 == 1 ? Phase::rolled_back : Phase::departed);
  }
}

TEST(TwoControllers, TheSecondIsToldWhoActsAndSinceWhen) {
  Simulation world;
  world.append_begin();
  Controller first = world.controller(7);
  ASSERT_EQ(first.turn()->did, Next::Kind::take);
  Controller second = world.controller(8);
  const auto turn = second.turn();
  ASSERT_FALSE(turn);
  EXPECT_EQ(turn.error().kind, ErrorKind::conflict);
  EXPECT_EQ(turn.error().message,
            "process 7 (builder@box) acts for train 2026-12 since 2025-06-15T15:06:40Z");
}

TEST(TwoControllers, OnlyOneTakesAFreeLease) {
  Simulation world;
  world.append_begin();
  Controller first = world.controller(7);
  Controller second = world.controller(8);
  // The second takes it after the first has seen it free, and before the first appends.
  world.between_appends = [&] { ASSERT_EQ(second.turn()->did, Next::Kind::take); };
  ASSERT_TRUE(first.turn());
  EXPECT_EQ(first.turn().error().kind, ErrorKind::conflict);
  EXPECT_EQ(world.run(second).phase, Phase::departed);
}

TEST(TwoControllers, OneThatStalledInACallFindsItsTurnGone) {
  for (const bool is_bad : {false, true}) {
    Simulation world;
    world.append_begin();
    Controller stalled = world.controller(7);
    Controller other = world.controller(8);
    Phase ended = Phase::none;
    bool has_stalled = false;
    world.at_turn = [&] {
      if (has_stalled || !world.ramp().is_announced) return;
      world.during_call = [&] {
        has_stalled = true;
        world.clock.advance(minutes(30));  // longer than its lease
        if (is_bad) world.judge = worse_at(5);
        ended = world.run(other).phase;
      };
    };
    constexpr int kMaxTurns = 200;
    Result<Controller::Turn> turn = stalled.turn();
    for (int i = 0; i < kMaxTurns && turn; ++i) {
      if (turn->did == Next::Kind::wait)
        world.clock.set(std::max(turn->until, world.clock.now() + Duration(1)));
      world.at_turn();
      turn = stalled.turn();
    }
    ASSERT_FALSE(turn);
    EXPECT_EQ(turn.error().kind, ErrorKind::conflict);
    EXPECT_EQ(ended, is_bad ? Phase::rolled_back : Phase::departed);
    const Ramp ramp = world.ramp();
    expect_sound(world, ramp, is_bad ? "bad" : "good");
    EXPECT_EQ(world.weight, is_bad ? 0 : 100);  // its late call was refused for its token
  }
}

TEST(TwoControllers, TakingTurnsAtRandomNeverBothAct) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    Simulation world;
    if (seed % 3 == 0) world.judge = worse_at(50);
    world.append_begin();
    std::array<std::optional<Controller>, 2> all;
    all[0].emplace(world.controller(7));
    all[1].emplace(world.controller(8));
    std::uint32_t state = seed * 2'654'435'761U;
    bool is_over = false;
    std::array<bool, 2> is_lost{};
    for (int i = 0; i < 3000 && !is_over; ++i) {
      state = state * 1'664'525U + 1'013'904'223U;
      const std::size_t who = (state >> 16) % all.size();
      if (is_lost[who]) {  // as its user starts it again
        all[who].emplace(world.controller(static_cast<std::int64_t>(7 + who)));
        is_lost[who] = false;
      }
      const auto turn = all[who]->turn();
      if (!turn) is_lost[who] = true;
      is_over = turn && turn->did == Next::Kind::over;
      if ((state >> 8) % 11 == 0)
        world.clock.advance(minutes(4));  // longer than a lease
      else
        world.clock.advance(seconds(20));
    }
    ASSERT_TRUE(is_over) << seed;
    expect_sound(world, world.ramp(), "seed " + std::to_string(seed));
  }
}

}  // namespace
}  // namespace signalbox::train::ramp
