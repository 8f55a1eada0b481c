// Events as they are written and read, and what they add up to.
#include "instruments/train/ramp/ramp_state.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "core/base/process.hpp"
#include "instruments/train/ramp/holder.hpp"
#include "instruments/train/ramp/records.hpp"

namespace signalbox::train::ramp {
namespace {

using std::chrono::seconds;
using What = StepEvent::What;

Begin some_begin() {
  Begin out;
  out.service = "shop";
  out.commit = std::string(40, 'c');
  out.version = "v1.3.0";
  out.driver = "nginx";
  out.depart_at = Time(seconds(1'750'000'000));
  out.decision = 12;
  return out;
}

// Events appended one after the other, ten seconds apart.
class Log {
 public:
  void add(const std::string& kind, Json predicate, std::vector<std::string> roles = {}) {
    Event event;
    event.index = 10 * (events_.events.size() + 1);
    event.time = Time(seconds(1'750'000'000 + 10 * static_cast<std::int64_t>(events_.events.size())));
    event.kind = kind;
    event.predicate = std::move(predicate);
    event.signer = "ada";
    event.roles = std::move(roles);
    events_.last_index = static_cast<std::int64_t>(event.index);
    events_.events.push_back(std::move(event));
  }
  void begin() {
    StepEvent event;
    event.begin = some_begin();
    add("step", to_json(event));
  }
  void lease(std::uint64_t token = 0, LeaseEvent::What what = LeaseEvent::What::take) {
    add("lease", to_json(LeaseEvent{what, {"a, process 1", "here", 1, 5}, seconds(60), token, "", {}}));
  }
  StepEvent step(What what, const std::string& name = "10.set-5", std::uint64_t token = 20) const {
    StepEvent event;
    event.what = what;
    event.attempt = "10";
    event.token = token;
    event.step = name;
    event.weight = 5;
    return event;
  }
  void add_step(What what, const std::string& name = "10.set-5", std::uint64_t token = 20) {
    add("step", to_json(step(what, name, token)));
  }
  Ramp ramp() const { return fold(events_); }

 private:
  TrainEvents events_{"2026-12", {}, -1, {}};
};

TEST(RampEvent, IsReadAsItWasWritten) {
  StepEvent begin;
  begin.begin = some_begin();
  const StepEvent again = step_from_json(to_json(begin)).value();
  EXPECT_EQ(again.begin->plan, begin.begin->plan);
  EXPECT_EQ(again.begin->decision, 12U);
  StepEvent outcome;
  outcome.what = What::outcome;
  outcome.attempt = "10";
  outcome.token = 20;
  outcome.step = "10.promote";
  outcome.call = Call::promote;
  outcome.weight = 100;
  outcome.result = StepEvent::Result::failed;
  outcome.how = StepEvent::How::found;
  outcome.why = "no answer";
  EXPECT_EQ(to_json(step_from_json(to_json(outcome)).value()), to_json(outcome));
  const LeaseEvent lease{LeaseEvent::What::renew, {"a", "b", 3, 4}, seconds(9), 20, "why",
                         Json::object({{"x", 1}})};
  EXPECT_EQ(to_json(lease_from_json(to_json(lease)).value()), to_json(lease));
  const OrderEvent order{OrderEvent::What::rollback, "10", "complaints"};
  EXPECT_EQ(to_json(order_from_json(to_json(order)).value()), to_json(order));
}

TEST(RampEvent, DamagedOnesAreRefused) {
  StepEvent begin;
  begin.begin = some_begin();
  for (const char* member : {"service", "commit", "plan", "depart_at", "purpose"}) {
    Json json = to_json(begin);
    Json inner = json["begin"];
    inner.set(member, 7.5);
    json.set("begin", inner);
    EXPECT_FALSE(step_from_json(json)) << member;
  }
  EXPECT_FALSE(step_from_json(Json::object({{"what", "intent"}})));
  EXPECT_FALSE(step_from_json(Json::object({{"what", "jump"}})));
  EXPECT_FALSE(step_from_json(Json::object({{"what", "intent"},
                                            {"attempt", "1"},
                                            {"token", 1},
                                            {"step", "1.x"},
                                            {"weight", 101},
                                            {"call", "promote"}})));
  EXPECT_FALSE(lease_from_json(Json::object({{"what", "take"},
                                             {"holder", "a"},
                                             {"place", "b"},
                                             {"pid", 1},
                                             {"started", 1},
                                             {"ttl_ms", std::int64_t{1} << 50},
                                             {"token", 0}})));
  EXPECT_FALSE(order_from_json(Json::object({{"what", "explode"}, {"attempt", "1"}})));
}

TEST(RampState, HoldsStartWithTheOutcome) {
  Log log;
  log.begin();
  log.lease();
  log.add_step(What::intent);
  EXPECT_TRUE(log.ramp().open);
  EXPECT_TRUE(log.ramp().has_moved_traffic);
  log.add_step(What::outcome);
  const Ramp ramp = log.ramp();
  EXPECT_FALSE(ramp.open);
  EXPECT_EQ(ramp.weight, 5);
  ASSERT_TRUE(ramp.hold);
  EXPECT_EQ(ramp.hold->start, Time(seconds(1'750'000'030)));
  EXPECT_EQ(ramp.hold->held_until(Time(seconds(1'750'000'050))), seconds(20));
}

TEST(RampState, PausesThatOverlapStopTheClockOnce) {
  Log log;
  log.begin();                                                               // 0 s
  log.lease();                                                               // 10
  log.add_step(What::intent);                                                // 20
  log.add_step(What::outcome);                                               // 30: it runs
  log.add_step(What::paused);                                                // 40
  log.add("order", to_json(OrderEvent{OrderEvent::What::pause, "10", ""}));  // 50
  log.add_step(What::resumed);  // 60: a person has still paused it
  EXPECT_FALSE(log.ramp().hold->running_since);
  log.add("order", to_json(OrderEvent{OrderEvent::What::resume, "10", ""}));  // 70: it runs
  EXPECT_EQ(log.ramp().hold->held_until(Time(seconds(1'750'000'090))), seconds(10 + 20));
}

TEST(RampState, WhoLostItsTurnIsNotHeard) {
  Log log;
  log.begin();
  log.lease();  // 20
  log.lease();  // 30: somebody else's
  log.add_step(What::intent, "10.set-5", 20);
  Ramp ramp = log.ramp();
  EXPECT_FALSE(ramp.open);
  ASSERT_EQ(ramp.ignored.size(), 1U);
  EXPECT_NE(ramp.ignored[0].message.find("log #40 (step) does not count: its writer had lost its turn"),
            std::string::npos);
  log.lease(20, LeaseEvent::What::renew);  // nor does the old lease come back
  EXPECT_EQ(log.ramp().lease->token, 30U);
  EXPECT_EQ(log.ramp().ignored.size(), 2U);
}

TEST(RampState, ASecondBeginWaitsForTheEndOfTheFirst) {
  Log log;
  log.begin();
  log.begin();
  EXPECT_EQ(log.ramp().attempt, "10");
  EXPECT_EQ(log.ramp().ignored.size(), 1U);
}

TEST(RampState, AReleasedLeaseIsFreeAndDamageIsPassedOver) {
  Log log;
  log.begin();
  log.lease();
  log.lease(20, LeaseEvent::What::release);
  EXPECT_LE(log.ramp().lease->expires, Time(seconds(1'750'000'020)));
  log.add("step", Json::object({{"what", "jump"}}));
  log.add("passenger", Json::object({{"what", "something else"}}));
  EXPECT_EQ(log.ramp().ignored.size(), 1U);
}

TEST(RampState, OnlyAnApproversWordEndsAStuckRamp) {
  Log log;
  log.begin();
  log.lease();
  log.add_step(What::intent);
  log.add_step(What::outcome);
  const Json by_hand = to_json(OrderEvent{OrderEvent::What::by_hand, "10", "pools were swapped"});
  log.add("order", by_hand, {"approver"});  // 50: it is not stuck
  EXPECT_EQ(log.ramp().phase, Phase::ramping);
  log.add_step(What::breached);
  log.add_step(What::stuck);
  log.add("order", by_hand, {"builder"});  // 80
  EXPECT_EQ(log.ramp().phase, Phase::stuck);
  ASSERT_EQ(log.ramp().ignored.size(), 2U);
  EXPECT_NE(log.ramp().ignored[1].message.find("only an approver's word counts"), std::string::npos);
  log.add("order", by_hand, {"builder", "approver"});  // 90
  const Ramp ramp = log.ramp();
  EXPECT_EQ(ramp.phase, Phase::going_back);
  EXPECT_EQ(ramp.weight, 0);
  EXPECT_EQ(ramp.put_right_by, "ada: pools were swapped");
  EXPECT_EQ(ramp.reverted_at, Time(seconds(1'750'000'080)));
  const Json rollback = rollback_predicate(ramp, *ramp.reverted_at + seconds(60));
  EXPECT_EQ(rollback["by_hand"].as_string(), "ada: pools were swapped");
  EXPECT_EQ(rollback["duration_s"].as_number(), 30);  // from the breach to the word
}

TEST(Holder, WhatCannotBeReadProvesNoEnd) {
  const auto stat = [](const std::string& state, const std::string& started) {
    return "7 (a) b) " + state + " 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 " + started + " 0 0";
  };
  EXPECT_FALSE(proves_end(stat("S", "500"), 500));
  EXPECT_TRUE(proves_end(stat("S", "501"), 500));
  EXPECT_TRUE(proves_end(stat("Z", "500"), 500));
  EXPECT_TRUE(proves_end(stat("X", "500"), 500));
  EXPECT_FALSE(proves_end(std::nullopt, 500));  // hidden from this user, or no file could be opened
  EXPECT_FALSE(proves_end("", 500));
  EXPECT_FALSE(proves_end("7 (a) S 1", 500));
  EXPECT_FALSE(proves_end(stat("S", "soon"), 500));
}

TEST(Holder, AProcessThatHasEndedIsKnownToHave) {
  const Holder own = this_holder();
  EXPECT_FALSE(has_ended(own));
  auto child = Process::start({"sleep", "60"}).value();
  Holder other = own;
  other.pid = child.pid();
  EXPECT_TRUE(has_ended(other));  // that process id began at another time: it is another process
  EXPECT_EQ(other.place, own.place);
  Holder elsewhere = own;
  elsewhere.place = "another machine";
  elsewhere.pid = 999'999'999;
  EXPECT_FALSE(has_ended(elsewhere));  // nobody can tell
  Holder gone = own;
  gone.pid = 999'999'999;
  EXPECT_TRUE(has_ended(gone));
}

}  // namespace
}  // namespace signalbox::train::ramp
