#include "instruments/train/ramp/metric_judges.hpp"

#include <fmt/core.h>

namespace signalbox::train::ramp {
namespace {

constexpr double kPerCent = 100;

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
    if (!judge_ || attempt_ != ramp.attempt) {
      attempt_ = ramp.attempt;
      judge_.emplace(with_limits(ramp.baseline), score_);
      for (const HeldWeight& held : ramp.held) {
        judge_->begin_step(held.weight / kPerCent, held.start);
        look_at_all({held.start, held.end});
      }
    }
    judge_->begin_step(ramp.weight / kPerCent, ramp.hold->start);
    pending_.reset();
    view_ = {};
  }

  // A window that is too short for the source waits for the next.
  MetricsView look(Time from, Time to) override {
    if (!pending_) pending_ = from;
    const bool is_due = to - *pending_ >= source_->resolution();
    if (is_due) {
      view_.has_data = look_at_all({*pending_, to});
      has_looked_ = true;
      pending_.reset();
    }
    const judges::Ruling now = judge_->now(to);
    const judges::Ruling at_end = judge_->at_end_of_hold(to);
    view_.now = standing_of(now.standing);
    view_.at_end = standing_of(at_end.standing);
    view_.why = view_.now == Watched::Standing::undecided && view_.at_end == Watched::Standing::no_data
                    ? at_end.why
                    : now.why;
    view_.metrics = metrics_json(view_.at_end == Watched::Standing::good ? at_end : now);
    if (!has_looked_) view_.has_data = true;  // nothing can have been there yet
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

  // Whether every metric had something in the window.
  bool look_at_all(judges::Window window) {
    bool has_data = true;
    for (std::size_t i = 0; i < judge_->metrics().size(); ++i) {
      const judges::Observation seen = source_->observe(judge_->metrics()[i], window);
      has_data = has_data && !std::holds_alternative<judges::NoData>(seen.seen);
      judge_->look(i, seen);
    }
    return has_data;
  }

  std::vector<judges::CanaryMetric> metrics_;
  judges::ScoreRule score_;
  std::unique_ptr<judges::MetricsSource> source_;
  std::optional<judges::CanaryJudge> judge_;
  std::string attempt_;
  std::optional<Time> pending_;
  MetricsView view_;
  bool has_looked_ = false;
};

}  // namespace

std::unique_ptr<MetricJudges> make_metric_judges(std::vector<judges::CanaryMetric> metrics,
                                                 judges::ScoreRule score,
                                                 std::unique_ptr<judges::MetricsSource> source) {
  if (metrics.empty() || source == nullptr) return nullptr;
  return std::make_unique<SourceJudges>(std::move(metrics), std::move(score), std::move(source));
}

}  // namespace signalbox::train::ramp
