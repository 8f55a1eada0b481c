#include "instruments/train/ramp/next_action.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace signalbox::train::ramp {
namespace {

using Kind = Next::Kind;
using What = StepEvent::What;

constexpr Duration kFirstBackoff = std::chrono::seconds(1);  // between tries, doubled each time

// One turn of a controller.
class Turn {
 public:
  Turn(const Ramp& ramp, const Situation& situation) : ramp_(ramp), s_(situation) {}

  Next next() const {
    if (ramp_.phase == Phase::none || is_over(ramp_.phase)) return {};
    if (const auto lease = keep_lease()) return *lease;
    if (const auto track = keep_off_a_taken_track()) return *track;
    if (ramp_.promoted_at) return finish();
    if (ramp_.phase == Phase::going_back) return go_back();
    if (ramp_.open) return settle();
    if (ramp_.hold) return watch();
    return ramp_.has_moved_traffic || is_countdown_over() ? advance() : count_down();
  }

 private:
  const Plan& plan() const { return ramp_.begun.plan; }

  static Next simple(Kind kind, std::string why = {}) {
    Next out;
    out.kind = kind;
    out.why = std::move(why);
    return out;
  }
  static Next call(Call what, int weight = 0) {
    Next out;
    out.kind = Kind::call;
    out.call = what;
    out.weight = weight;
    return out;
  }
  static Next wait(Time until, std::string why) {
    Next out = simple(Kind::wait, std::move(why));
    out.until = until;
    return out;
  }
  Next write(What what, std::string reason, std::string why) const {
    Next out = simple(Kind::write);
    out.event.what = what;
    out.event.attempt = ramp_.attempt;
    out.event.token = s_.token;
    out.event.reason = std::move(reason);
    out.event.why = std::move(why);
    return out;
  }
  Next breach(std::string reason, std::string why) const {
    Next out = write(What::breached, std::move(reason), std::move(why));
    out.event.details = hold_details();
    return out;
  }
  Json hold_details() const {
    if (!ramp_.hold) return {};
    return Json::object({{"metrics", s_.watched ? s_.watched->metrics : Json::array()}});
  }
  int failures(Call what, int weight = 0) const {
    const auto found = ramp_.failures.find(ramp_.step_id(what, weight));
    return found == ramp_.failures.end() ? 0 : found->second;
  }

  std::optional<Next> keep_lease() const {
    const auto& lease = ramp_.lease;
    const bool was_ours = lease && s_.token != 0 && lease->token == s_.token;
    // One that ran out is renewed by nobody: it is taken again, under a new token, as by anybody else.
    if (was_ours && lease->expires > s_.now) {
      if (lease->expires - s_.now > plan().lease / 2) return std::nullopt;
      return simple(Kind::renew);
    }
    if (s_.token != 0 && !was_ours) return simple(Kind::lost, "another controller has taken over");
    if (!lease || lease->expires <= s_.now || s_.is_holder_gone) return simple(Kind::take);
    return simple(Kind::lost, fmt::format("{} ({}) acts for train {} since {}", lease->holder.name,
                                          lease->signer, ramp_.train, to_rfc3339(lease->taken)));
  }

  // Two trains may both have seen a free track before they began. Before any traffic the later one gives way.
  std::optional<Next> keep_off_a_taken_track() const {
    if (ramp_.has_moved_traffic || ramp_.breach) return std::nullopt;
    if (!s_.train_ahead) return simple(Kind::look_ahead);
    if (s_.train_ahead->empty()) return std::nullopt;
    return write(What::abandoned, "track", *s_.train_ahead);
  }

  // Whether the driver's answer says that the open call, or the call about to be tried again, has come about.
  bool has_come_about(Call what, int weight) const {
    if (!s_.seen || !*s_.seen) return false;
    const Observation& seen = **s_.seen;
    switch (what) {
      case Call::set_weight:
        return seen.weight == weight && !seen.promoted;
      case Call::promote:
        return seen.promoted || seen.weight == 100;
      case Call::revert:
        return seen.weight == 0 && !seen.promoted;
      default:
        return false;
    }
  }

  Next found(Call what, int weight) const {
    Next out = write(What::outcome, {}, {});
    out.event.step = ramp_.step_id(what, weight);
    out.event.call = what;
    out.event.weight = weight;
    out.event.how = StepEvent::How::found;
    return out;
  }

  // A call of which the log knows no end: a controller was killed, or its answer was lost.
  Next settle() const {
    const OpenCall& open = *ramp_.open;
    if (open.call == Call::announce) {
      Next out = write(What::outcome, {}, "nobody knows whether it was sent, and it is never sent twice");
      out.event.step = open.step;
      out.event.call = open.call;
      out.event.result = StepEvent::Result::failed;
      return out;
    }
    if (open.call == Call::baseline) return call(open.call);
    return try_again(open.call, open.weight);
  }

  // A call that may have come about already: the driver is asked first, and after `kMaxTries` the ramp goes
  // back.
  Next try_again(Call what, int weight) const {
    const bool has_been_tried = ramp_.open || failures(what, weight) > 0;
    if (!has_been_tried) return call(what, weight);
    if (!s_.seen) return simple(Kind::ask);
    if (has_come_about(what, weight)) return found(what, weight);
    if (failures(what, weight) >= kMaxTries) {
      return breach("driver", fmt::format("{} has failed {} times", name_of(what), kMaxTries));
    }
    if (const auto pause = back_off(failures(what, weight))) return *pause;
    return call(what, weight);
  }

  std::optional<Next> back_off(int failures_so_far) const {
    if (failures_so_far == 0 || !ramp_.last_failure || ramp_.open) return std::nullopt;
    const Duration pause = kFirstBackoff * (1 << std::min(failures_so_far - 1, 4));
    const Time until = *ramp_.last_failure + std::min(pause, plan().rollback_budget / 4);
    if (s_.now >= until) return std::nullopt;
    return wait(until, "before the next try");
  }

  bool is_countdown_over() const {
    return ramp_.has_baseline && ramp_.is_announced && s_.now >= ramp_.begun.depart_at &&
           !ramp_.ordered_pause;
  }

  Next count_down() const {
    const Time depart = ramp_.begun.depart_at;
    if (!ramp_.has_baseline) {
      if (failures(Call::baseline) >= kMaxTries)
        return breach("driver", "no snapshot of the baseline could be taken");
      if (const auto pause = back_off(failures(Call::baseline))) return *pause;
      if (s_.now >= depart - plan().baseline_before) return call(Call::baseline);
      return wait(depart - plan().baseline_before, "snapshot of the baseline");
    }
    if (!ramp_.is_announced) {
      if (s_.now >= depart - plan().announce_before) return call(Call::announce);
      return wait(depart - plan().announce_before, "announcement");
    }
    if (ramp_.ordered_pause) return wait(s_.now + plan().look_every, ramp_.ordered_pause->why);
    return wait(depart, "departure");
  }

  // The next weight, or all traffic. No new weight while a person has paused.
  Next advance() const {
    if (ramp_.ordered_pause) return wait(s_.now + plan().look_every, ramp_.ordered_pause->why);
    if (ramp_.next_weight < plan().weights.size())
      return try_again(Call::set_weight, plan().weights[ramp_.next_weight].percent);
    return try_again(Call::promote, 100);
  }

  Next watch() const {
    if (!s_.watched) return simple(Kind::look);
    const Watched& watched = *s_.watched;
    const Hold& hold = *ramp_.hold;
    const Duration left = plan().weights[hold.weight_index].hold - hold.held_until(s_.now);
    const auto standing = left <= Duration{} ? watched.at_end : watched.now;
    if (standing == Watched::Standing::breach) return breach(watched.reason, watched.why);
    if (watched.unseen > plan().max_data_gap) {
      return breach("data-gap", fmt::format("nothing is known of {}, and {} are allowed",
                                            to_text(watched.unseen), to_text(plan().max_data_gap)));
    }
    if (is_driver_due()) return simple(Kind::ask);
    if (const auto trouble = trouble_of_driver()) return stop("drift", *trouble);
    if (standing == Watched::Standing::no_data && (left <= Duration{} || has_no_data_for_long()))
      return stop("no-data", watched.why);
    if (hold.stopped && standing != Watched::Standing::no_data)
      return write(What::resumed, hold.stopped->reason, {});
    if (ramp_.ordered_pause) return wait(s_.now + plan().look_every, ramp_.ordered_pause->why);
    if (standing == Watched::Standing::good) return pass();
    return wait(s_.now + std::clamp(left, Duration{}, plan().look_every), watched.why);
  }

  // Metrics come some time after the traffic: a part of the gap that is allowed is no reason to stop.
  bool has_no_data_for_long() const {
    const auto& since = s_.watched->no_data_since;
    return ramp_.hold->stopped || (since && s_.now - *since >= plan().max_data_gap / 4);
  }

  bool is_driver_due() const {
    if (s_.seen) return false;
    const bool has_drifted = ramp_.hold->stopped && ramp_.hold->stopped->reason == "drift";
    return has_drifted || !s_.asked || s_.now - *s_.asked >= plan().smoke_every;
  }

  // Somebody else moves the traffic, or nobody knows where it goes.
  std::optional<std::string> trouble_of_driver() const {
    if (!s_.seen) return std::nullopt;
    if (!*s_.seen) return s_.seen->error().message;
    const Observation& seen = **s_.seen;
    if (seen.promoted) return "the driver says that all traffic is on the candidate";
    if (!seen.weight) return "the driver cannot tell the weight";
    if (*seen.weight == ramp_.weight) return std::nullopt;
    return fmt::format("the driver says {} %, and {} % were ordered", *seen.weight, ramp_.weight);
  }

  // Paused by what was seen, and taken back where it lasts.
  Next stop(std::string reason, std::string why) const {
    const Hold& hold = *ramp_.hold;
    if (!hold.stopped) return write(What::paused, std::move(reason), std::move(why));
    if (s_.now - hold.stopped->since >= plan().incident_after) {
      return breach(hold.stopped->reason,
                    fmt::format("{} for {}", why, to_text(s_.now - hold.stopped->since)));
    }
    return wait(std::min(hold.stopped->since + plan().incident_after, s_.now + plan().look_every),
                std::move(why));
  }

  Next pass() const {
    Next out = write(What::passed, {}, s_.watched->why);
    out.event.step = ramp_.step_id(Call::set_weight, ramp_.weight);
    out.event.weight = ramp_.weight;
    out.event.details = hold_details();
    return out;
  }

  Next finish() const {
    if (!ramp_.has_canary) return simple(Kind::sum_up);
    const bool wants_tag = ramp_.begun.makes_tag && !ramp_.is_tagged && failures(Call::tag) < kMaxTries;
    if (wants_tag) return call(Call::tag);
    return simple(Kind::arrive);
  }

  Next go_back() const {
    if (!ramp_.has_moved_traffic) return write(What::abandoned, ramp_.breach->reason, ramp_.breach->why);
    if (!ramp_.reverted_at) return revert();
    const bool has_canary = ramp_.has_canary || ramp_.held.empty();
    return simple(has_canary ? Kind::go_back : Kind::sum_up);
  }

  Next revert() const {
    const int tried = failures(Call::revert);
    const bool is_open = ramp_.open && ramp_.open->call == Call::revert;
    const bool was_tried = ramp_.failures.count(ramp_.step_id(Call::revert)) != 0;
    if (was_tried || is_open) {
      if (!s_.seen) return simple(Kind::ask);
      if (has_come_about(Call::revert, 0)) return found(Call::revert, 0);
    }
    if (tried >= kMaxTries && !is_open) {
      return write(What::stuck, "driver",
                   fmt::format("the traffic could not be taken back in {} tries", kMaxTries));
    }
    if (const auto pause = back_off(tried)) return *pause;
    return call(Call::revert);
  }

  const Ramp& ramp_;
  const Situation& s_;
};

}  // namespace

Next next_action(const Ramp& ramp, const Situation& situation) {
  return Turn(ramp, situation).next();
}

}  // namespace signalbox::train::ramp
