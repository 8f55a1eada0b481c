#include "instruments/train/ramp/metric_judges.hpp"

#include <algorithm>
#include <deque>

#include <fmt/core.h>

namespace signalbox::train::ramp {
namespace {

constexpr double kPerCent = 100;
constexpr Duration kPiece = std::chrono::minutes(1);  // of a weight that was held before a restart

Watched::Standing standing_of(judges::Standing standing) {
  switch (standing) {
    case judges::Standing::breach:
      return Watched::Standing::breach;
    case judges::Standing::inconclusive:
      return Watched::Standing::no_data;
    case judges::Standing::undecided:
      return Watched::Standing::undecided;
    case judges::Standing::good_enough:
      return Watched::Standing::good;
  }
  return Watched::Standing::no_data;
}

Json metrics_json(const judges::Ruling& ruling) {
  Json out = Json::array();
  for (const judges::MetricStanding& metric : ruling.metrics) {
    Json item = Json::object({{"name", metric.metric},
                              {"judge", judges::name_of(metric.judge)},
                              {"verdict", judges::name_of(metric.standing)},
                              {"why", metric.why}});
    for (const auto& [name, value] : metric.figures.members()) {
      if (item.find(name) == nullptr) item.set(name, value);
    }
    out.push_back(std::move(item));
  }
  return out;
}

// One CanaryJudge for an attempt: what it has seen at one weight counts at the next.
class SourceJudges final : public MetricJudges {
 public:
  SourceJudges(std::vector<judges::CanaryMetric> metrics, judges::ScoreRule score,
               std::unique_ptr<judges::MetricsSource> source)
      : metrics_(std::move(metrics)), score_(std::move(score)), source_(std::move(source)) {}

  Result<Json> snapshot(Time from, Time to) override {
    Json out = Json::object();
    for (const judges::CanaryMetric& metric : metrics_) {
      const auto* latency = std::get_if<judges::LatencyQuery>(&metric.query);
      if (latency == nullptr || latency->slow_above) continue;
      SIGNALBOX_TRY(const double slow, source_->slow_above(metric, {from, to}));
      out.set(metric.name, slow);
    }
    return out;
  }

  void begin(const Ramp& ramp) override {
    const bool is_seen_anew = hold_ && hold_->window.start == ramp.hold->start;
    if (!judge_ || attempt_ != ramp.attempt || is_seen_anew) {
      attempt_ = ramp.attempt;
      judge_.emplace(with_limits(ramp.baseline), score_);
      past_.clear();
      for (const HeldWeight& held : ramp.held)
        past_.push_back({held.weight / kPerCent, {held.start, held.end}, held.start});
    }
    hold_ = Stretch{ramp.weight / kPerCent, {ramp.hold->start, ramp.hold->start}, ramp.hold->start};
    has_step_begun_ = false;
    asking_.reset();
    view_ = {};
    view_.has_data = true;  // nothing can have been there yet
    view_.seen_until = ramp.hold->start;
  }

  MetricsView look(Time from, Time to, const Budget& budget) override {
    view_.is_behind = !look_at_past(budget) || !look_at_hold({from, to}, budget);
    const judges::Ruling now = judge_->now(to);
    const judges::Ruling at_end = judge_->at_end_of_hold(to);
    view_.now = standing_of(now.standing);
    view_.at_end = standing_of(at_end.standing);
    view_.why = view_.now == Watched::Standing::undecided && view_.at_end == Watched::Standing::no_data
                    ? at_end.why
                    : now.why;
    view_.metrics = metrics_json(view_.at_end == Watched::Standing::good ? at_end : now);
    return view_;
  }

 private:
  std::vector<judges::CanaryMetric> with_limits(const Json& baseline) const {
    std::vector<judges::CanaryMetric> out = metrics_;
    for (judges::CanaryMetric& metric : out) {
      auto* latency = std::get_if<judges::LatencyQuery>(&metric.query);
      const Json* const limit = baseline.find(metric.name);
      if (latency != nullptr && !latency->slow_above && limit != nullptr && limit->is_number())
        latency->slow_above = limit->as_number();
    }
    return out;
  }

  // A weight and when it was held; seen from its start to `seen_until`.
  struct Stretch {
    double weight = 0;
    judges::Window window;
    Time seen_until;
  };
  // A look that asks for one metric after the other, however many looks of the watch that takes.
  struct Asking {
    judges::Window window;
    std::size_t next = 0;  // metric
    bool has_data = true;  // of every metric so far
  };

  // Weights that were held before this process began, in pieces as they were looked at then. False: there was
  // no time for all of them.
  bool look_at_past(const Budget& budget) {
    while (!past_.empty()) {
      Stretch& held = past_.front();
      if (!asking_ && held.seen_until == held.window.start)
        judge_->begin_step(held.weight, held.window.start);
      if (!asking_ && held.seen_until < held.window.end)
        asking_ = Asking{{held.seen_until, std::min(held.seen_until + kPiece, held.window.end)}};
      if (asking_ && !ask(budget)) return false;
      if (asking_) held.seen_until = asking_->window.end;
      asking_.reset();
      if (held.seen_until >= held.window.end) past_.pop_front();
    }
    return true;
  }

  bool look_at_hold(judges::Window window, const Budget& budget) {
    if (!has_step_begun_) judge_->begin_step(hold_->weight, hold_->window.start);
    has_step_begun_ = true;
    if (!asking_ && window.end - window.start < source_->resolution()) return true;
    if (!asking_) asking_ = Asking{window};
    if (!ask(budget)) return false;
    view_.has_data = asking_->has_data;
    view_.seen_until = asking_->window.end;
    asking_.reset();
    return true;
  }

  // False: there was no time for all metrics.
  bool ask(const Budget& budget) {
    for (; asking_->next < judge_->metrics().size(); ++asking_->next) {
      if (!budget.allows(source_->time_limit())) return false;
      const judges::Observation seen = source_->observe(judge_->metrics()[asking_->next], asking_->window);
      asking_->has_data = asking_->has_data && !std::holds_alternative<judges::NoData>(seen.seen);
      judge_->look(asking_->next, seen);
    }
    return true;
  }

  std::vector<judges::CanaryMetric> metrics_;
  judges::ScoreRule score_;
  std::unique_ptr<judges::MetricsSource> source_;
  std::optional<judges::CanaryJudge> judge_;
  std::string attempt_;
  std::deque<Stretch> past_;
  std::optional<Stretch> hold_;
  bool has_step_begun_ = false;  // of the hold
  std::optional<Asking> asking_;
  MetricsView view_;
};

}  // namespace

std::unique_ptr<MetricJudges> make_metric_judges(std::vector<judges::CanaryMetric> metrics,
                                                 judges::ScoreRule score,
                                                 std::unique_ptr<judges::MetricsSource> source) {
  if (metrics.empty() || source == nullptr) return nullptr;
  return std::make_unique<SourceJudges>(std::move(metrics), std::move(score), std::move(source));
}

}  // namespace signalbox::train::ramp
