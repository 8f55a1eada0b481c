#include "instruments/train/judges/canary_judge.hpp"

#include <algorithm>
#include <cmath>
#include <memory>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/judges/metric_judge.hpp"

namespace signalbox::train::judges {
namespace {

std::unique_ptr<MetricJudge> judge_for(const JudgeRule& rule) {
  if (const auto* sequential = std::get_if<SequentialRule>(&rule)) return make_sequential_judge(*sequential);
  if (const auto* kayenta = std::get_if<KayentaRule>(&rule)) return make_kayenta_judge(*kayenta);
  return make_threshold_judge(std::get<ThresholdRule>(rule));
}

bool is_possible(const Counts& counts) {
  return counts.bad >= 0 && counts.bad <= counts.requests && std::isfinite(counts.requests);
}

bool has_value(const std::vector<double>& values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

// Why this measures nothing; empty where it does.
std::string objection(const CanaryMetric& metric, const Observation& observation) {
  if (const auto* nothing = std::get_if<NoData>(&observation.seen)) return nothing->why;
  const bool asks_for_samples = std::holds_alternative<ValueQuery>(metric.query);
  if (const auto* counts = std::get_if<CountPair>(&observation.seen)) {
    if (asks_for_samples) return "counts came instead of values";
    const bool possible = is_possible(counts->baseline) && is_possible(counts->canary);
    return possible ? "" : "the counts cannot be: more bad requests than requests, or no numbers";
  }
  if (!asks_for_samples) return "values came instead of counts";
  const auto& samples = std::get<SamplePair>(observation.seen);
  if (!has_value(samples.canary)) return "the canary has no values";
  return has_value(samples.baseline) || !needs_baseline(metric) ? "" : "the baseline has no values";
}

Standing standing_of(const Score& score, const ScoreRule& rule) {
  if (score.lacks_data) return Standing::inconclusive;
  if (score.value >= rule.pass) return Standing::good_enough;
  return score.value >= rule.marginal ? Standing::inconclusive : Standing::breach;
}

std::string why_of(const Score& score, const ScoreRule& rule) {
  if (!score.why_zero.empty()) return "score 0, " + score.why_zero;
  return fmt::format("score {:.4g}; {:.4g} passes, {:.4g} is marginal", score.value, rule.pass,
                     rule.marginal);
}

// The reasons of those that stand as the whole does.
std::string why_of(const Ruling& ruling) {
  std::vector<std::string> reasons;
  for (const MetricStanding& metric : ruling.metrics) {
    if (metric.standing == ruling.standing) reasons.push_back(metric.metric + ": " + metric.why);
  }
  return join(reasons, "; ");
}

}  // namespace

struct CanaryJudge::Seat {
  std::unique_ptr<MetricJudge> judge;
  bool measured = false;       // in this step
  Time measured_until{};       // never before the step's start
  Duration longest_silence{};  // between measurements of this step
  std::string objection;       // to the last look; empty where it measured

  // Why nothing can be said of the metric; empty where something can.
  std::string silence(Time time, Moment moment) const {
    const bool over = moment == Moment::end_of_hold;
    const Duration silent = std::max<Duration>(time - measured_until, over ? longest_silence : Duration{});
    if (silent <= kMaxSilence && (measured || !over)) return {};
    return fmt::format("nothing was measured for {}{}{}", to_text(silent), objection.empty() ? "" : ": ",
                       objection);
  }
};

CanaryJudge::CanaryJudge(std::vector<CanaryMetric> metrics, ScoreRule score)
    : metrics_(std::move(metrics)), score_(std::move(score)) {
  for (const CanaryMetric& metric : metrics_) seats_.push_back({.judge = judge_for(metric.rule)});
}
CanaryJudge::~CanaryJudge() = default;
CanaryJudge::CanaryJudge(CanaryJudge&&) noexcept = default;
CanaryJudge& CanaryJudge::operator=(CanaryJudge&&) noexcept = default;

void CanaryJudge::begin_step(double weight, Time start) {
  begin_step(std::vector<double>(seats_.size(), weight), start);
}

void CanaryJudge::begin_step(const std::vector<double>& weights, Time start) {
  step_start_ = start;
  for (std::size_t i = 0; i < seats_.size() && i < weights.size(); ++i) {
    seats_[i].judge->begin_step(weights[i]);
    seats_[i] = {.judge = std::move(seats_[i].judge), .measured_until = start};
  }
}

void CanaryJudge::look(std::size_t metric, const Observation& observation) {
  if (metric >= seats_.size() || !step_start_) return;
  Seat& seat = seats_[metric];
  const Window& window = observation.window;
  seat.objection = objection(metrics_[metric], observation);
  if (seat.objection.empty()) {
    seat.measured = true;
    seat.longest_silence = std::max<Duration>(seat.longest_silence, window.start - seat.measured_until);
    seat.measured_until = std::max(seat.measured_until, window.end);
  }
  const auto* counts = std::get_if<CountPair>(&observation.seen);
  const auto* samples = std::get_if<SamplePair>(&observation.seen);
  if (counts != nullptr && seat.objection.empty()) seat.judge->look(window, *counts);
  const bool asks_for_samples = std::holds_alternative<ValueQuery>(metrics_[metric].query);
  if (samples != nullptr && asks_for_samples) seat.judge->look(window, *samples);
}

Ruling CanaryJudge::now(Time time) const {
  Ruling out = rule(time, Moment::during_hold);
  const bool counted = std::any_of(metrics_.begin(), metrics_.end(), [](const CanaryMetric& metric) {
    return std::holds_alternative<SequentialRule>(metric.rule);
  });
  const bool too_early = !step_start_ || time - *step_start_ < kMinHold;
  if (out.standing == Standing::good_enough && (too_early || !counted)) out.standing = Standing::undecided;
  return out;
}

Ruling CanaryJudge::at_end_of_hold(Time time) const {
  return rule(time, Moment::end_of_hold);
}

Ruling CanaryJudge::rule(Time time, Moment moment) const {
  if (seats_.empty() || !step_start_) {
    return {
        Standing::inconclusive, seats_.empty() ? "no metrics are configured" : "no step has begun", {}, {}};
  }
  Ruling out;
  std::vector<ScoredMetric> scored;
  std::vector<std::size_t> scored_seats;
  bool anything_measured = false;
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    const Seat& seat = seats_[i];
    anything_measured = anything_measured || seat.measured;
    Opinion opinion = seat.judge->opinion(moment);
    const std::string silence = seat.silence(time, moment);
    if (const auto& classified = opinion.classified) {
      std::vector<std::string> groups = std::get<KayentaRule>(metrics_[i].rule).groups;
      if (groups.empty()) groups = {metrics_[i].name};
      scored.push_back({std::move(groups), classified->classification, classified->fails_canary});
      scored_seats.push_back(i);
    } else if (!silence.empty() && opinion.standing != Standing::breach) {
      opinion.standing = Standing::inconclusive;
      opinion.why = silence;
    }
    out.metrics.push_back({metrics_[i].name, kind_of(metrics_[i]), opinion.standing, std::move(opinion.why),
                           std::move(opinion.figures)});
  }
  if (!scored.empty()) {
    out.score = score(scored, score_);
    for (const std::size_t i : scored_seats) {
      out.metrics[i].standing = anything_measured ? standing_of(*out.score, score_) : Standing::inconclusive;
    }
  }
  out.standing = Standing::good_enough;
  for (const MetricStanding& metric : out.metrics) out.standing = std::min(out.standing, metric.standing);
  out.why = why_of(out);
  const bool by_score = std::any_of(scored_seats.begin(), scored_seats.end(),
                                    [&](std::size_t i) { return out.metrics[i].standing == out.standing; });
  if (by_score) out.why += "; " + why_of(*out.score, score_);
  return out;
}

std::string_view name_of(Standing standing) {
  switch (standing) {
    case Standing::breach:
      return "breach";
    case Standing::inconclusive:
      return "inconclusive";
    case Standing::undecided:
      return "undecided";
    case Standing::good_enough:
      break;
  }
  return "good enough";
}

}  // namespace signalbox::train::judges
