// A ramp's world in memory, for tests: a log that compares and appends, traffic with the rules of a driver, a
// clock that jumps, and a process that dies wherever it is told to.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "instruments/train/ramp/controller.hpp"
#include "instruments/train/ramp/ramp_state.hpp"

namespace signalbox::train::ramp::testing {

using std::chrono::minutes;
using std::chrono::seconds;

// Thrown where the process is killed.
struct Killed {};

inline Plan short_plan() {
  Plan plan;
  plan.baseline_before = minutes(2);
  plan.announce_before = minutes(1);
  plan.weights = {{5, minutes(4)}, {50, minutes(4)}};
  plan.look_every = minutes(1);
  plan.smoke_every = minutes(2);
  plan.lease = minutes(3);
  return plan;
}

class Simulation final : public RampLog, public Driver, public Watch, public Deeds {
 public:
  Simulation() {
    begin.plan = short_plan();
    begin.service = "shop";
    begin.commit = std::string(40, 'c');
    begin.version = "v1.3.0";
    begin.baseline = "v1.2.0";
    begin.driver = "simulated";
    begin.depart_at = clock.now() + minutes(10);
    begin.makes_tag = true;
    begin.is_watched = true;
  }

  // A point at which the process may die.
  void mortal() {
    if (moment++ == kill_at) throw Killed{};
  }

  // --- the log
  Result<TrainEvents> read() override {
    TrainEvents out;
    out.train = "2026-12";
    out.events = events;
    out.last_index = events.empty() ? -1 : static_cast<std::int64_t>(events.back().index);
    return out;
  }
  Result<std::uint64_t> append(std::string_view kind, const Json& predicate, const std::string&,
                               std::int64_t expected_last) override {
    mortal();
    if (between_appends) {
      const auto interrupt = std::exchange(between_appends, nullptr);
      interrupt();
    }
    const std::int64_t last = events.empty() ? -1 : static_cast<std::int64_t>(events.back().index);
    if (last != expected_last) return fail(ErrorKind::conflict, "somebody else came first");
    Event event;
    event.index = static_cast<std::uint64_t>(last + 3);  // entries about other things lie between
    event.time = clock.now();
    event.kind = std::string(kind);
    event.predicate = predicate;
    event.signer = "builder@box";
    events.push_back(std::move(event));
    mortal();
    return events.back().index;
  }
  void append_begin() {
    StepEvent event;
    event.begin = begin;
    ASSERT_TRUE(append("step", to_json(event), "", last_index()));
  }
  void order(OrderEvent::What what) {
    OrderEvent event{what, fold(*read()).attempt, "because"};
    ASSERT_TRUE(append("order", to_json(event), "", last_index()));
  }
  std::int64_t last_index() const {
    return events.empty() ? -1 : static_cast<std::int64_t>(events.back().index);
  }
  Ramp ramp() { return fold(*read()); }

  // --- traffic
  std::string_view name() const override { return "simulated"; }
  Result<Observation> observe(const StepOrder&) override {
    ++questions;
    clock.advance(answer_takes);
    if (is_blind) return fail(ErrorKind::unavailable, "the driver does not answer");
    Observation out;
    out.weight = reported_weight.value_or(weight);
    out.step = last_step;
    out.token = newest_token;
    out.promoted = is_promoted;
    return out;
  }
  Status set_weight(const StepOrder& order) override { return take(order, "set_weight", order.weight); }
  Status promote(const StepOrder& order) override { return take(order, "promote", 100); }
  Status revert(const StepOrder& order) override { return take(order, "revert", 0); }
  std::vector<std::string> manual_revert(const StepOrder&) const override { return {"pull the lever"}; }

  // --- what it watches
  Watched look(const Ramp& ramp, Time now) override {
    Watched out;
    out.now = Watched::Standing::undecided;
    out.at_end = Watched::Standing::good;
    out.metrics = Json::array();
    if (judge) judge(ramp, now, out);
    return out;
  }

  // --- what it does besides
  Result<Json> take_baseline(const Ramp&, const StepOrder& order) override {
    SIGNALBOX_CHECK(deed(order.step));
    return Json::object({{"slow_above", 0.25}});
  }
  Status announce(const StepOrder& order) override { return deed(order.step); }
  Status make_tag(const Ramp& ramp) override { return deed(ramp.step_id(Call::tag)); }
  void page(const StepOrder&, const std::string& reason, const std::string&) override {
    pages.push_back(reason);
    weights_at_page.push_back(weight);
  }
  bool has_ended(const Holder& holder) override { return dead.count(holder.pid) != 0; }
  Result<std::string> train_ahead(const Ramp&) override { return ahead; }

  // --- running
  Controller controller(std::int64_t pid) {
    return Controller(
        {*this, *this, *this, *this, clock, Holder{"process " + std::to_string(pid), "here", pid, 1}});
  }
  // Turns until nothing is left to do; time jumps to where the controller waits, but not past its lease: a
  // real one looks again twice a second.
  Ramp run(Controller& controller) {
    constexpr int kMaxTurns = 2000;
    for (int i = 0; i < kMaxTurns; ++i) {
      const auto turn = controller.turn();
      if (!turn) {
        ADD_FAILURE() << turn.error().message;
        break;
      }
      if (turn->did == Next::Kind::over) return turn->ramp;
      if (turn->did == Next::Kind::wait)
        clock.set(std::clamp(turn->until, clock.now() + Duration(1), clock.now() + minutes(1)));
      if (at_turn) at_turn();
    }
    ADD_FAILURE() << "the ramp does not end";
    return ramp();
  }
  // Runs controllers one after the other, each killed where `kills` says, the last one to the end.
  Ramp run_with_kills(const std::vector<int>& kills) {
    std::int64_t pid = 100;
    for (const int kill : kills) {
      moment = 0;
      kill_at = kill;
      Controller mortal_one = controller(++pid);
      try {
        return run(mortal_one);
      } catch (const Killed&) {
        dead[pid] = true;
        clock.advance(seconds(1));
      }
    }
    kill_at = -1;
    Controller last = controller(++pid);
    return run(last);
  }
  int count(const std::string& effect) const {
    return static_cast<int>(std::count(effects.begin(), effects.end(), effect));
  }

  FixedClock clock{Time(seconds(1'750'000'000))};
  Begin begin;
  std::vector<Event> events;
  int weight = 0;
  bool is_promoted = false;
  std::string last_step, last_attempt, last_action;
  std::uint64_t newest_token = 0;
  std::vector<std::string> effects;       // each change that came about, by step
  std::map<std::string, int> failing;     // calls of a step that fail before they take effect
  std::map<std::string, int> unanswered;  // that take effect and whose answer is lost
  std::optional<int> reported_weight;     // instead of the true one
  bool is_blind = false;
  int questions = 0;
  Duration answer_takes{};                               // of the driver, when it is asked what is true
  Duration least_left_at_call = std::chrono::hours(24);  // of the lease
  std::vector<std::string> pages;
  std::vector<int> weights_at_page;
  std::map<std::int64_t, bool> dead;
  std::string ahead;  // another train that began before
  std::function<void(const Ramp&, Time, Watched&)> judge;
  std::function<void()> at_turn;
  std::function<void()> between_appends;  // once
  std::function<void()> during_call;      // once
  int moment = 0, kill_at = -1;

 private:
  Status take(const StepOrder& order, const std::string& action, int to) {
    mortal();
    if (during_call) {
      const auto interrupt = std::exchange(during_call, nullptr);
      interrupt();
    }
    if (const Ramp now = ramp(); now.lease)
      least_left_at_call = std::min<Duration>(least_left_at_call, now.lease->expires - clock.now());
    if (order.token < newest_token) return fail(refused_token(order, newest_token));
    if (failing[order.step]-- > 0) return fail(ErrorKind::unavailable, "the lever is stiff");
    const bool contradicts =
        order.attempt == last_attempt && ((last_action == "promote" && action == "set_weight") ||
                                          (last_action == "revert" && action != "revert"));
    if (contradicts) return fail(ErrorKind::conflict, "the attempt ended already with " + last_action);
    newest_token = order.token;
    last_attempt = order.attempt;
    last_action = action;
    if (last_step != order.step) {
      effects.push_back(order.step);
      last_step = order.step;
    }
    weight = to;
    is_promoted = action == "promote";
    mortal();
    if (unanswered[order.step]-- > 0) return fail(ErrorKind::unavailable, "no answer");
    return {};
  }
  Status deed(const std::string& step) {
    mortal();
    if (failing[step]-- > 0) return fail(ErrorKind::unavailable, "it did not work");
    effects.push_back(step);
    mortal();
    return {};
  }
};

}  // namespace signalbox::train::ramp::testing
