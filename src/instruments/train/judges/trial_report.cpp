#include "instruments/train/judges/trial_report.hpp"

#include <cmath>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::train::judges {
namespace {

Verdict verdict_of(Standing standing) {
  switch (standing) {
    case Standing::breach:
      return Verdict::fail;
    case Standing::good_enough:
      return Verdict::pass;
    case Standing::inconclusive:
    case Standing::undecided:
      break;
  }
  return Verdict::none;
}

std::string_view word_of(Standing standing) {
  switch (standing) {
    case Standing::breach:
      return "FAIL";
    case Standing::good_enough:
      return "PASS";
    case Standing::inconclusive:
      return "INCONCLUSIVE";
    case Standing::undecided:
      break;
  }
  return "undecided";
}

Tone tone_of(Standing standing) {
  return standing == Standing::breach        ? Tone::bad
         : standing == Standing::good_enough ? Tone::good
                                             : Tone::caution;
}

std::string asked(const CanaryMetric& metric) {
  if (const auto* sequential = std::get_if<SequentialRule>(&metric.rule)) {
    return fmt::format("no evidence that it is worse: e-value below {:.4g}", 1 / sequential->alpha);
  }
  if (const auto* threshold = std::get_if<ThresholdRule>(&metric.rule)) {
    return fmt::format("not {} {:.4g}{} for {}",
                       threshold->side == ThresholdRule::Side::above ? "above" : "below", threshold->limit,
                       threshold->of == ThresholdRule::Of::baseline ? " of the baseline" : "",
                       to_text(threshold->lasting));
  }
  return "no shift from the baseline, by Kayenta's rules";
}

Check check_of(const CanaryMetric& metric, const MetricStanding& standing) {
  Check check;
  check.name = metric.name;
  check.verdict = verdict_of(standing.standing);
  check.asked = asked(metric);
  check.answer = standing.why;
  if (check.verdict != Verdict::pass) check.reason = name_of(standing.standing);
  return check;
}

std::string figure(const Json& value, const char* format = "{:.4g}") {
  return value.is_number() ? fmt::format(fmt::runtime(format), value.as_number()) : "–";
}

std::string e_value(const Json& log_e) {
  return log_e.is_number() ? fmt::format("{:.3g}", std::exp(log_e.as_number())) : "–";
}

// One kind of judge's metrics, in columns of its own.
struct Layout {
  JudgeKind judge;
  std::string title;
  std::vector<std::string> columns;
  std::vector<std::string> (*cells)(const Json& figures);
};

const std::vector<Layout>& layouts() {
  static const std::vector<Layout> all = {
      {JudgeKind::sequential,
       "Bad requests",
       {"of the canary", "of both", "expected of the canary", "its share", "e-value"},
       [](const Json& f) -> std::vector<std::string> {
         const double expected = f["m"].as_number() * f["p0"].as_number();
         return {figure(f["x"]), figure(f["m"]), fmt::format("{:.4g}", expected),
                 fmt::format("{:.3g} %", 100 * f["p0"].as_number()), e_value(f["log_e"])};
       }},
      {JudgeKind::kayenta,
       "Samples",
       {"class", "mean ratio", "shift", "from", "to"},
       [](const Json& f) -> std::vector<std::string> {
         return {std::string(f["classification"].as_string("–")), figure(f["mean_ratio"]), figure(f["shift"]),
                 figure(f["shift_lower"]), figure(f["shift_upper"])};
       }},
      {JudgeKind::threshold,
       "Limits",
       {"value", "limit", "clear at", "crossed for"},
       [](const Json& f) -> std::vector<std::string> {
         return {figure(f["value"]), figure(f["limit"]), figure(f["clear"]),
                 figure(f["crossed_s"], "{:.0f} s")};
       }}};
  return all;
}

void add_tables(const Trial& trial, Report& report) {
  for (const Layout& layout : layouts()) {
    Table table;
    table.title = layout.title;
    table.columns = {{"metric"}, {"standing"}};
    for (const std::string& name : layout.columns) table.columns.push_back({name, Column::Align::right});
    for (const MetricStanding& metric : trial.ruling.metrics) {
      if (metric.judge != layout.judge) continue;
      std::vector<Cell> row = {printable(metric.metric),
                               Cell(std::string(name_of(metric.standing)), tone_of(metric.standing))};
      for (std::string& cell : layout.cells(metric.figures)) row.emplace_back(std::move(cell));
      table.rows.push_back(std::move(row));
    }
    if (!table.rows.empty()) report.tables.push_back(std::move(table));
  }
}

void add_charts(const Trial& trial, Report& report) {
  for (const Curve& curve : trial.curves) {
    if (curve.values.empty()) continue;
    const bool sequential = curve.judge == JudgeKind::sequential;
    Chart chart;
    chart.title = fmt::format("{}: {}", printable(curve.metric),
                              sequential ? "evidence that the canary is worse" : "beside its limit");
    chart.x_label = "seconds";
    chart.y_label = sequential ? "log10 of the e-value" : "value";
    chart.series = {{printable(curve.metric), curve.seconds, curve.values},
                    {"limit", {curve.seconds.front(), curve.seconds.back()}, {curve.limit, curve.limit}}};
    report.charts.push_back(std::move(chart));
  }
}

Json seconds_json(const std::optional<Time>& time, Time since) {
  return time ? Json(std::chrono::duration<double>(*time - since).count()) : Json();
}

Json data_of(const Trial& trial) {
  Json metrics = Json::array();
  for (const MetricStanding& metric : trial.ruling.metrics) {
    metrics.push_back(Json::object({{"name", metric.metric},
                                    {"judge", name_of(metric.judge)},
                                    {"standing", name_of(metric.standing)},
                                    {"why", metric.why},
                                    {"figures", metric.figures}}));
  }
  const auto& score = trial.ruling.score;
  return Json::object({{"standing", name_of(trial.ruling.standing)},
                       {"why", trial.ruling.why},
                       {"start", to_rfc3339(trial.whole.start)},
                       {"end", to_rfc3339(trial.whole.end)},
                       {"looks", trial.looks},
                       {"breach_after_s", seconds_json(trial.breach_at, trial.whole.start)},
                       {"promotion_after_s", seconds_json(trial.promotion_at, trial.whole.start)},
                       {"score", score ? Json(score->value) : Json()},
                       {"metrics", std::move(metrics)}});
}

}  // namespace

Report trial_report(const Trial& trial, const std::string& title) {
  Report report;
  report.instrument = "train";
  report.title = title;
  report.verdict = verdict_of(trial.ruling.standing);
  report.summary = fmt::format("{}: {}", word_of(trial.ruling.standing), trial.ruling.why);
  for (std::size_t i = 0; i < trial.metrics.size(); ++i) {
    report.checks.push_back(check_of(trial.metrics[i], trial.ruling.metrics[i]));
  }
  report.facts = {{"judged",
                   fmt::format("{} to {}, {} looks", to_rfc3339(trial.whole.start),
                               to_rfc3339(trial.whole.end), trial.looks),
                   ""}};
  if (trial.breach_at)
    report.facts.push_back({"breach after", to_text(*trial.breach_at - trial.whole.start), ""});
  if (trial.promotion_at && !trial.breach_at) {
    report.facts.push_back(
        {"could have been promoted after", to_text(*trial.promotion_at - trial.whole.start), ""});
  }
  if (trial.ruling.score) report.facts.push_back({"score", trial.ruling.score->value, ""});
  add_tables(trial, report);
  add_charts(trial, report);
  report.data = data_of(trial);
  return report;
}

}  // namespace signalbox::train::judges
