#include "instruments/train/judges/trial.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::train::judges {
namespace {

void extend(Curve& curve, const Json& figures, double seconds) {
  const bool sequential = curve.judge == JudgeKind::sequential;
  const Json& value = figures[sequential ? "log_e" : "value"];
  if (!value.is_number()) return;
  curve.seconds.push_back(seconds);
  curve.values.push_back(sequential ? value.as_number() / std::log(10) : value.as_number());
  curve.limit = sequential ? figures["log_limit"].as_number() / std::log(10) : figures["limit"].as_number();
}

}  // namespace

std::vector<Window> windows_of(const std::vector<Time>& times) {
  const Duration first = times.size() > 1 ? Duration(times[1] - times[0]) : std::chrono::minutes(1);
  const std::size_t rows_a_look = (times.size() + kMaxLooks - 1) / kMaxLooks;
  std::vector<Window> out;
  Time start = times.front() - first;
  for (std::size_t i = rows_a_look - 1; i < times.size(); i += rows_a_look) {
    out.push_back({start, times[i]});
    start = times[i];
  }
  if (start < times.back()) out.push_back({start, times.back()});
  return out;
}

Trial run_trial(MetricsSource& source, std::vector<CanaryMetric> metrics, const ScoreRule& score,
                const std::vector<Window>& windows, const std::vector<double>& weights) {
  Trial trial;
  trial.whole = {windows.front().start, windows.back().end};
  trial.looks = windows.size();
  for (const CanaryMetric& metric : metrics)
    trial.curves.push_back({metric.name, kind_of(metric), {}, {}, 0});
  CanaryJudge judge(metrics, score);
  judge.begin_step(weights, trial.whole.start);
  for (const Window& window : windows) {
    for (std::size_t i = 0; i < metrics.size(); ++i) judge.look(i, source.observe(metrics[i], window));
    const Ruling now = judge.now(window.end);
    const double seconds = std::chrono::duration<double>(window.end - trial.whole.start).count();
    for (std::size_t i = 0; i < metrics.size(); ++i) extend(trial.curves[i], now.metrics[i].figures, seconds);
    if (now.standing == Standing::breach && !trial.breach_at) {
      trial.breach_at = window.end;
      trial.ruling = now;
    }
    if (now.standing == Standing::good_enough && !trial.promotion_at) trial.promotion_at = window.end;
  }
  if (!trial.breach_at) trial.ruling = judge.at_end_of_hold(trial.whole.end);
  trial.metrics = std::move(metrics);
  return trial;
}

}  // namespace signalbox::train::judges
