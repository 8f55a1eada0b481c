#include "instruments/train/ramp/ramp_state.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::ramp {
namespace {

bool is_approver(const Event& event) {
  return std::find(event.roles.begin(), event.roles.end(), kApprover) != event.roles.end();
}

// Applies one event after the other.
class Folder {
 public:
  explicit Folder(Ramp& ramp) : ramp_(ramp) {}

  Status apply(const Event& event) {
    if (event.kind == "lease") return apply_lease(event);
    if (event.kind == "step") return apply_step(event);
    if (event.kind == "order") return apply_order(event);
    if (event.kind == "canary") return apply_end(event, [&] { ramp_.has_canary = true; });
    if (event.kind == "departure") return apply_end(event, [&] { ramp_.phase = Phase::departed; });
    if (event.kind == "rollback") return apply_end(event, [&] { ramp_.phase = Phase::rolled_back; });
    return {};
  }

 private:
  static tl::unexpected<Error> ignored(std::string why) { return fail(ErrorKind::conflict, std::move(why)); }

  Status apply_lease(const Event& event) {
    SIGNALBOX_TRY(LeaseEvent lease, lease_from_json(event.predicate));
    if (lease.what == LeaseEvent::What::take) {
      // Two controllers cannot both have seen it free: each take follows the entry that its writer knew.
      const bool is_first = !ramp_.lease || ramp_.lease->taken < ramp_.begun_at;
      ramp_.lease = Lease{event.index, std::move(lease.holder), event.signer,
                          event.time,  event.time + lease.ttl,  is_first ? event.time : ramp_.last_acted,
                          {}};
      ramp_.last_acted = event.time;
      return {};
    }
    if (!ramp_.lease || ramp_.lease->token != lease.token)
      return ignored("it is about a lease that has gone");
    ramp_.last_acted = event.time;
    if (lease.what == LeaseEvent::What::release) {
      ramp_.lease->expires = event.time;
      return {};
    }
    ramp_.lease->expires = event.time + lease.ttl;
    ramp_.lease->watched = std::move(lease.watched);
    return {};
  }

  // An event that ends or sums up an attempt.
  template <class Apply>
  Status apply_end(const Event& event, Apply apply) {
    SIGNALBOX_CHECK(check_turn(std::string(event.predicate["attempt"].as_string()),
                               static_cast<std::uint64_t>(event.predicate["token"].as_integer())));
    apply();
    ramp_.last_acted = event.time;
    return {};
  }

  Status check_turn(const std::string& attempt, std::uint64_t token) const {
    if (ramp_.phase == Phase::none || attempt != ramp_.attempt) return ignored("it is about another attempt");
    if (!ramp_.lease || token != ramp_.lease->token) return ignored("its writer had lost its turn");
    if (is_over(ramp_.phase)) return ignored("the attempt was over");
    return {};
  }

  Status apply_step(const Event& event) {
    SIGNALBOX_TRY(StepEvent step, step_from_json(event.predicate));
    if (step.what == StepEvent::What::begin) return begin(event, std::move(*step.begin));
    SIGNALBOX_CHECK(check_turn(step.attempt, step.token));
    ramp_.last_acted = event.time;
    switch (step.what) {
      case StepEvent::What::intent:
        return intend(event, step);
      case StepEvent::What::outcome:
        return conclude(event, step);
      case StepEvent::What::passed:
        return end_hold(event, step, true);
      case StepEvent::What::paused:
        return pause(event, step);
      case StepEvent::What::resumed:
        return resume(event);
      case StepEvent::What::breached:
        ramp_.breach = Breach{step.reason, step.why, event.time};
        ramp_.phase = Phase::going_back;
        return ramp_.hold ? end_hold(event, step, false) : Status();
      case StepEvent::What::stuck:
        ramp_.phase = Phase::stuck;
        ramp_.open.reset();
        for (const Json& line : step.details["manual"].items())
          ramp_.manual_steps.emplace_back(line.as_string());
        return {};
      case StepEvent::What::abandoned:
        if (ramp_.has_moved_traffic) return ignored("traffic was moved, and must be taken back");
        if (!ramp_.breach) ramp_.breach = Breach{step.reason, step.why, event.time};
        ramp_.phase = Phase::aborted;
        return {};
      case StepEvent::What::begin:
        break;
    }
    return {};
  }

  Status begin(const Event& event, Begin begin) {
    const bool may = ramp_.phase == Phase::none || (is_over(ramp_.phase) && ramp_.phase != Phase::stuck);
    if (!may) return ignored("an attempt is under way");
    Ramp next;
    next.train = ramp_.train;
    next.lease = ramp_.lease;
    next.ignored = std::move(ramp_.ignored);
    next.ignored_indexes = std::move(ramp_.ignored_indexes);
    next.attempt = std::to_string(event.index);
    next.begun_at = next.last_acted = event.time;
    next.begun_by = event.signer;
    next.begun = std::move(begin);
    next.phase = Phase::countdown;
    if (next.begun.purpose == Begin::Purpose::go_back) {
      next.phase = Phase::going_back;
      next.has_moved_traffic = true;
      next.weight = 100;
      next.breach = Breach{"order", next.begun.why, event.time};
    }
    ramp_ = std::move(next);
    return {};
  }

  Status intend(const Event& event, const StepEvent& step) {
    const bool goes_on = step.call != Call::revert;
    if (goes_on && ramp_.breach) return ignored("the ramp was being taken back");
    if (!goes_on && !ramp_.breach) return ignored("nothing was to be taken back");
    ramp_.open = OpenCall{step.call, step.step, step.weight, event.time};
    if (step.call == Call::set_weight) {
      ramp_.has_moved_traffic = true;
      ramp_.phase = Phase::ramping;
    }
    if (step.call == Call::promote) ramp_.phase = Phase::promoting;
    return {};
  }

  Status conclude(const Event& event, const StepEvent& step) {
    // A call that had failed may turn out to have come about all the same.
    const bool was_late = step.how == StepEvent::How::found && ramp_.failures.count(step.step) != 0;
    const bool was_open = ramp_.open && ramp_.open->step == step.step;
    if (!was_open && !was_late) return ignored("nobody had announced that call");
    ramp_.open.reset();
    if (step.result == StepEvent::Result::failed) {
      ++ramp_.failures[step.step];
      ramp_.last_failure = event.time;
      if (step.call == Call::announce) ramp_.is_announced = true;  // never twice
      return {};
    }
    switch (step.call) {
      case Call::baseline:
        ramp_.has_baseline = true;
        ramp_.baseline = step.details["baseline"];
        break;
      case Call::announce:
        ramp_.is_announced = true;
        break;
      case Call::set_weight:
        ramp_.weight = step.weight;
        ramp_.hold = Hold{ramp_.next_weight, event.time, {}, {}, {}};
        restart_clock(event.time);
        break;
      case Call::promote:
        ramp_.weight = 100;
        if (!ramp_.breach) ramp_.promoted_at = event.time;
        break;
      case Call::revert:
        ramp_.weight = 0;
        ramp_.reverted_at = event.time;
        break;
      case Call::tag:
        ramp_.is_tagged = true;
        break;
    }
    return {};
  }

  Status end_hold(const Event& event, const StepEvent& step, bool passed) {
    if (!ramp_.hold) return ignored("nothing was held");
    ramp_.held.push_back({ramp_.weight, ramp_.hold->start, event.time, step.details["metrics"], passed});
    ramp_.hold.reset();
    if (passed) ++ramp_.next_weight;
    return {};
  }

  Status pause(const Event& event, const StepEvent& step) {
    if (!ramp_.hold) return ignored("nothing was held");
    if (!ramp_.hold->stopped) ramp_.hold->stopped = Pause{event.time, step.reason, step.why};
    stop_clock(event.time);
    return {};
  }

  Status resume(const Event& event) {
    if (!ramp_.hold || !ramp_.hold->stopped) return ignored("nothing was paused");
    ramp_.hold->stopped.reset();
    restart_clock(event.time);
    return {};
  }

  void stop_clock(Time now) {
    if (!ramp_.hold || !ramp_.hold->running_since) return;
    ramp_.hold->ran += now - *ramp_.hold->running_since;
    ramp_.hold->running_since.reset();
  }

  // Where no other pause is left.
  void restart_clock(Time now) {
    if (ramp_.hold && !ramp_.hold->stopped && !ramp_.ordered_pause) ramp_.hold->running_since = now;
  }

  Status apply_order(const Event& event) {
    SIGNALBOX_TRY(const OrderEvent order, order_from_json(event.predicate));
    if (order.attempt != ramp_.attempt || ramp_.phase == Phase::none)
      return ignored("it is about another attempt");
    const bool is_stuck = ramp_.phase == Phase::stuck;
    if (is_over(ramp_.phase) && !is_stuck) return ignored("the attempt was over");
    const std::string who = fmt::format("{} by {}{}{}", name_of(order.what), event.signer,
                                        order.reason.empty() ? "" : ": ", order.reason);
    switch (order.what) {
      case OrderEvent::What::pause:
        if (ramp_.phase != Phase::countdown && ramp_.phase != Phase::ramping)
          return ignored("nothing waits any more");
        if (!ramp_.ordered_pause) ramp_.ordered_pause = Pause{event.time, "order", who};
        stop_clock(event.time);
        return {};
      case OrderEvent::What::resume:
        if (!ramp_.ordered_pause) return ignored("nobody had paused it");
        ramp_.ordered_pause.reset();
        restart_clock(event.time);
        return {};
      case OrderEvent::What::abort:
      case OrderEvent::What::rollback:
        if (is_stuck) {
          ramp_.phase = Phase::going_back;
          for (auto& [step, count] : ramp_.failures) count = 0;  // tried afresh; that it was tried is known
          ramp_.manual_steps.clear();
          return {};
        }
        ramp_.promoted_at.reset();
        if (!ramp_.breach) ramp_.breach = Breach{"order", who, event.time};
        ramp_.phase = Phase::going_back;
        if (ramp_.hold) {
          ramp_.held.push_back({ramp_.weight, ramp_.hold->start, event.time, Json::array(), false});
          ramp_.hold.reset();
        }
        return {};
      case OrderEvent::What::by_hand:
        if (!is_stuck) return ignored("nothing was to be put right by hand");
        if (!is_approver(event)) return ignored("only an approver's word counts for that");
        ramp_.phase = Phase::going_back;
        ramp_.weight = 0;
        ramp_.reverted_at = event.time;
        ramp_.put_right_by =
            fmt::format("{}{}{}", event.signer, order.reason.empty() ? "" : ": ", order.reason);
        ramp_.manual_steps.clear();
        return {};
    }
    return {};
  }

  Ramp& ramp_;
};

}  // namespace

std::string_view name_of(Phase phase) {
  constexpr std::array<std::string_view, 9> names = {"none",        "countdown",  "ramping",
                                                     "promoting",   "going-back", "departed",
                                                     "rolled-back", "aborted",    "rollback-failed"};
  return names[static_cast<std::size_t>(phase)];
}

bool is_over(Phase phase) {
  return phase >= Phase::departed;
}

Duration Hold::held_until(Time now) const {
  return ran + (running_since ? now - *running_since : Duration{});
}

std::string Ramp::step_id(Call call, int to_weight) const {
  if (call == Call::set_weight) return fmt::format("{}.set-{}", attempt, to_weight);
  return fmt::format("{}.{}", attempt, name_of(call));
}

Ramp fold(const TrainEvents& events) {
  Ramp ramp;
  ramp.train = events.train;
  Folder folder(ramp);
  for (const Event& event : events.events) {
    if (const Status status = folder.apply(event); !status) {
      ramp.ignored.push_back({"train/step-ignored",
                              fmt::format("log #{} ({}) does not count: {}", event.index,
                                          printable(event.kind), status.error().message),
                              fmt::format("signalbox evidence show {}", event.index)});
      ramp.ignored_indexes.push_back(event.index);
    }
  }
  ramp.last_index = events.last_index;
  return ramp;
}

}  // namespace signalbox::train::ramp
