#include "instruments/train/ramp/watch.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace signalbox::train::ramp {
namespace {

using Standing = Watched::Standing;

// Counts become one sample a minute: a longer slice would be one sample too.
constexpr Duration kSlice = std::chrono::minutes(1);

class HoldWatch final : public Watch {
 public:
  HoldWatch(std::unique_ptr<MetricJudges> judges, SmokeChecks smoke, Ticks ticks)
      : judges_(std::move(judges)), smoke_(std::move(smoke)), ticks_(std::move(ticks)) {}

  Watched look(const Ramp& ramp, Time now) override {
    if (!ramp.hold) return {};
    const std::uint64_t token = ramp.lease ? ramp.lease->token : 0;
    if (ramp.attempt != attempt_ || ramp.hold->start != hold_start_ || token != token_) begin(ramp, token);
    const Budget budget(ramp.begun.plan.lease / 2, ticks_);
    const bool metrics_first = is_behind_;  // what had no time in the last look
    std::optional<std::string> failure;
    if (!metrics_first) failure = smoke(ramp, now, budget);
    Watched out = judges_ ? look_at_metrics(now, budget) : without_metrics(ramp);
    if (metrics_first) failure = smoke(ramp, now, budget);
    out.unseen = unseen_;
    if (failure) {
      out.now = out.at_end = Standing::breach;
      out.reason = "smoke";
      out.why = std::move(*failure);
    }
    return out;
  }

 private:
  void begin(const Ramp& ramp, std::uint64_t token) {
    attempt_ = ramp.attempt;
    token_ = token;
    hold_start_ = seen_until_ = caught_up_to_ = catch_up_to_ = silent_since_ = ramp.hold->start;
    last_smoke_.reset();
    next_smoke_ = 0;
    has_failed_once_ = false;
    last_view_.reset();
    no_data_since_.reset();
    is_behind_ = false;
    unseen_ = {};
    if (judges_) judges_->begin(ramp);
    if (!ramp.lease || ramp.lease->taken <= hold_start_) return;
    // The hold began under another controller: first what that one saw, then the time in which nobody looked.
    catch_up_to_ = ramp.lease->taken;
    silent_since_ = std::max(ramp.lease->silent_since, hold_start_);
    was_running_ = ramp.hold->running_since.has_value();
    slice_of_silence_ = std::clamp(ramp.begun.plan.max_data_gap / 4, Duration(1), kSlice);
    if (!judges_ && was_running_) unseen_ = catch_up_to_ - silent_since_;
  }

  // False: the budget did not suffice; the next look goes on.
  bool catch_up(const Budget& budget) {
    while (caught_up_to_ < catch_up_to_) {
      if (!budget.allows({})) return false;
      const Time slice_end = caught_up_to_ < silent_since_
                                 ? std::min(caught_up_to_ + kSlice, silent_since_)
                                 : std::min(caught_up_to_ + slice_of_silence_, catch_up_to_);
      look_once(slice_end, budget);
      if (is_behind_) return false;
      caught_up_to_ = slice_end;
      if (was_running_ && no_data_since_)
        unseen_ = std::max<Duration>(unseen_, seen_until_ - std::max(*no_data_since_, silent_since_));
    }
    return true;
  }

  void look_once(Time to, const Budget& budget) {
    last_view_ = judges_->look(seen_until_, to, budget);
    is_behind_ = last_view_->is_behind;
    if (is_behind_) return;
    if (last_view_->has_data)
      no_data_since_.reset();
    else if (!no_data_since_)
      no_data_since_ = seen_until_;
    seen_until_ = std::max(seen_until_, last_view_->seen_until);
  }

  Watched look_at_metrics(Time now, const Budget& budget) {
    const bool has_caught_up = catch_up(budget);
    const bool is_new = now > seen_until_ || !last_view_;
    if (has_caught_up && is_new) look_once(std::max(now, seen_until_), budget);
    Watched out;
    out.reason = "metric";
    out.metrics = last_view_ ? last_view_->metrics : Json::array();
    const bool is_bad = last_view_ && last_view_->now == Standing::breach;
    if (!has_caught_up && !is_bad) {
      // Of a hold that is not seen whole nothing is said but that it is bad.
      out.now = out.at_end = Standing::undecided;
      out.why = fmt::format("the time before is looked at: {} of it are left",
                            to_text(catch_up_to_ - caught_up_to_));
      return out;
    }
    out.now = last_view_->now;
    out.at_end = last_view_->at_end;
    out.why = last_view_->why;
    out.no_data_since = no_data_since_;
    return out;
  }

  Watched without_metrics(const Ramp& ramp) const {
    Watched out;
    out.now = Standing::undecided;
    out.at_end = Standing::good;
    const std::size_t checks = smoke_.words.size();
    out.why = checks == 0 ? "nothing is measured" : fmt::format("{} smoke checks pass", checks);
    out.metrics = Json::array();
    if (ramp.begun.is_watched && checks == 0) {
      // The ramp was begun with something to watch it, and this configuration names nothing.
      out.now = out.at_end = Standing::no_data;
      out.why = "no metrics and no smoke checks are configured here";
      out.no_data_since = hold_start_;
    }
    return out;
  }

  // Those that are due, as many as there is time for.
  std::optional<std::string> smoke(const Ramp& ramp, Time now, const Budget& budget) {
    const bool is_round_open = next_smoke_ > 0 || has_failed_once_;
    if (!is_round_open) {
      if (last_smoke_ && now - *last_smoke_ < ramp.begun.plan.smoke_every) return std::nullopt;
      last_smoke_ = now;
    }
    while (next_smoke_ < smoke_.words.size()) {
      if (!budget.allows(smoke_.time_limit)) return std::nullopt;
      auto failure = smoke_.run(smoke_.words[next_smoke_], ramp);
      const bool counts = failure && has_failed_once_;
      has_failed_once_ = failure && !counts;
      if (counts) {
        next_smoke_ = 0;
        return failure;
      }
      if (!failure) ++next_smoke_;
    }
    next_smoke_ = 0;
    return std::nullopt;
  }

  std::unique_ptr<MetricJudges> judges_;
  SmokeChecks smoke_;
  Ticks ticks_;
  std::string attempt_;
  std::uint64_t token_ = 0;  // a lease that was taken again had run out: nobody looked meanwhile
  Time hold_start_, seen_until_;
  Time caught_up_to_, catch_up_to_;  // of the time before this controller had the lease
  Time silent_since_;                // when the controller before was heard of last
  bool was_running_ = false;         // the hold's clock, in that silence
  Duration slice_of_silence_{};
  std::optional<MetricsView> last_view_;
  bool is_behind_ = false;
  std::optional<Time> last_smoke_, no_data_since_;
  std::size_t next_smoke_ = 0;  // of a round that had no time for all
  bool has_failed_once_ = false;
  Duration unseen_{};
};

}  // namespace

std::unique_ptr<Watch> make_watch(std::unique_ptr<MetricJudges> judges, SmokeChecks smoke, Ticks ticks) {
  return std::make_unique<HoldWatch>(std::move(judges), std::move(smoke), std::move(ticks));
}

}  // namespace signalbox::train::ramp
