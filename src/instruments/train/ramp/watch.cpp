#include "instruments/train/ramp/watch.hpp"

#include <algorithm>

#include <fmt/core.h>

namespace signalbox::train::ramp {
namespace {

using Standing = Watched::Standing;

class HoldWatch final : public Watch {
 public:
  HoldWatch(std::unique_ptr<MetricJudges> judges, std::vector<Words> smoke, RunSmoke run)
      : judges_(std::move(judges)), smoke_(std::move(smoke)), run_(std::move(run)) {}

  Watched look(const Ramp& ramp, Time now) override {
    if (!ramp.hold) return {};
    const std::uint64_t token = ramp.lease ? ramp.lease->token : 0;
    if (ramp.attempt != attempt_ || ramp.hold->start != hold_start_ || token != token_) begin(ramp, token);
    Watched out = judges_ ? look_at_metrics(now) : without_metrics(ramp, now);
    out.unseen = unseen_;
    if (auto failure = smoke(ramp, now)) {
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
    hold_start_ = ramp.hold->start;
    seen_until_ = hold_start_;
    last_smoke_.reset();
    last_view_.reset();
    no_data_since_.reset();
    unseen_ = {};
    if (judges_) judges_->begin(ramp);
    if (ramp.lease && ramp.lease->taken > hold_start_) catch_up(ramp, *ramp.lease);
  }

  // The hold began under another controller: first what that one saw, then the time in which nobody looked.
  void catch_up(const Ramp& ramp, const Lease& lease) {
    const bool was_running = ramp.hold->running_since.has_value();
    const Time silent_since = std::max(lease.silent_since, hold_start_);
    if (!judges_) {
      if (was_running) unseen_ = lease.taken - silent_since;
      return;
    }
    if (silent_since > seen_until_) static_cast<void>(look_once(silent_since));
    const Duration slice = std::max(ramp.begun.plan.max_data_gap / 4, Duration(1));
    Duration without{};
    while (seen_until_ < lease.taken) {
      const Time from = seen_until_;
      const Time to = std::min(from + slice, lease.taken);
      const MetricsView view = look_once(to);
      without = view.has_data ? Duration{} : without + (to - from);
      if (was_running) unseen_ = std::max(unseen_, without);
    }
  }

  MetricsView look_once(Time to) {
    MetricsView view = judges_->look(seen_until_, to);
    if (view.has_data)
      no_data_since_.reset();
    else if (!no_data_since_)
      no_data_since_ = seen_until_;
    seen_until_ = to;
    return view;
  }

  Watched look_at_metrics(Time now) {
    if (now > seen_until_ || !last_view_) last_view_ = look_once(std::max(now, seen_until_));
    Watched out;
    out.now = last_view_->now;
    out.at_end = last_view_->at_end;
    out.reason = "metric";
    out.why = last_view_->why;
    out.metrics = last_view_->metrics;
    out.no_data_since = no_data_since_;
    return out;
  }

  Watched without_metrics(const Ramp& ramp, Time) const {
    Watched out;
    out.now = Standing::undecided;
    out.at_end = Standing::good;
    out.why = smoke_.empty() ? "nothing is measured" : fmt::format("{} smoke checks pass", smoke_.size());
    out.metrics = Json::array();
    if (ramp.begun.is_watched && smoke_.empty()) {
      // The ramp was begun with something to watch it, and this configuration names nothing.
      out.now = out.at_end = Standing::no_data;
      out.why = "no metrics and no smoke checks are configured here";
      out.no_data_since = hold_start_;
    }
    return out;
  }

  std::optional<std::string> smoke(const Ramp& ramp, Time now) {
    if (last_smoke_ && now - *last_smoke_ < ramp.begun.plan.smoke_every) return std::nullopt;
    last_smoke_ = now;
    for (const Words& words : smoke_) {
      if (!run_(words, ramp)) continue;
      if (auto again = run_(words, ramp)) return again;
    }
    return std::nullopt;
  }

  std::unique_ptr<MetricJudges> judges_;
  std::vector<Words> smoke_;
  RunSmoke run_;
  std::string attempt_;
  std::uint64_t token_ = 0;  // a lease that was taken again had run out: nobody looked meanwhile
  Time hold_start_;
  Time seen_until_;
  std::optional<MetricsView> last_view_;
  std::optional<Time> last_smoke_, no_data_since_;
  Duration unseen_{};
};

}  // namespace

std::unique_ptr<Watch> make_watch(std::unique_ptr<MetricJudges> judges, std::vector<Words> smoke,
                                  RunSmoke run) {
  return std::make_unique<HoldWatch>(std::move(judges), std::move(smoke), std::move(run));
}

}  // namespace signalbox::train::ramp
