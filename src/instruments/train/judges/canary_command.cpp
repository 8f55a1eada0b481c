#include <cmath>
#include <filesystem>

#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "instruments/train/judges/commands.hpp"
#include "instruments/train/judges/file_metrics.hpp"
#include "instruments/train/judges/file_source.hpp"
#include "instruments/train/judges/trial_report.hpp"

namespace signalbox::train::judges {
namespace {

Result<SeriesTable> read_table(const std::string& file) {
  SIGNALBOX_TRY(const std::string octets, read_file(file, kMaxSeriesBytes));
  return read_series(octets, file);
}

Result<std::string> required(const cli::Arguments& arguments, std::string_view option) {
  if (auto value = arguments.get(option)) return *value;
  return fail(ErrorKind::bad_input, fmt::format("{} FILE is missing", option),
              "signalbox train canary judge --baseline FILE --canary FILE");
}

// The number of an option, within its bounds, which are excluded.
Result<std::optional<double>> number(const cli::Arguments& arguments, std::string_view option, double low,
                                     double high) {
  const auto text = arguments.get(option);
  if (!text) return std::optional<double>();
  char* end = nullptr;
  const double value = std::strtod(text->c_str(), &end);
  if (text->empty() || *end != '\0' || !(value > low && value < high)) {
    return fail(ErrorKind::bad_input,
                fmt::format("{}: `{}` is no number between {} and {}", option, printable(*text), low, high));
  }
  return std::optional(value);
}

std::optional<JudgeKind> judge_named(std::string_view name) {
  for (const JudgeKind kind : {JudgeKind::sequential, JudgeKind::kayenta, JudgeKind::threshold}) {
    if (name == name_of(kind)) return kind;
  }
  return std::nullopt;
}

Result<ThresholdRule> threshold_of(const cli::Arguments& arguments) {
  constexpr double kAny = HUGE_VAL;
  ThresholdRule rule;
  SIGNALBOX_TRY(const auto above, number(arguments, "--above", -kAny, kAny));
  SIGNALBOX_TRY(const auto below, number(arguments, "--below", -kAny, kAny));
  if (above && below) return fail(ErrorKind::bad_input, "--above and --below: a limit is one of them");
  if (below) rule.side = ThresholdRule::Side::below;
  rule.limit = above.value_or(below.value_or(0));
  SIGNALBOX_TRY(const auto clear, number(arguments, "--clear", -kAny, kAny));
  rule.clear = clear.value_or(rule.limit);
  if (below ? rule.clear < rule.limit : rule.clear > rule.limit) {
    return fail(ErrorKind::bad_input,
                fmt::format("--clear {} is on the bad side of the limit {}", rule.clear, rule.limit));
  }
  if (const auto lasting = arguments.get("--for")) {
    SIGNALBOX_TRY(rule.lasting, parse_duration(*lasting));
  }
  return rule;
}

KayentaRule::Direction direction_of(const cli::Arguments& arguments) {
  const std::string word = arguments.get_or("--direction", "either");
  return word == "increase"   ? KayentaRule::Direction::increase
         : word == "decrease" ? KayentaRule::Direction::decrease
                              : KayentaRule::Direction::either;
}

Result<FileMetricsQuery> query_of(const cli::Arguments& arguments, const config::Node& canary) {
  FileMetricsQuery query;
  SIGNALBOX_TRY(query.configured, parse_metrics(canary["metrics"]));
  query.only = arguments.all("--metric");
  query.judge = judge_named(arguments.get_or("--judge", ""));
  SIGNALBOX_TRY(query.threshold, threshold_of(arguments));
  query.kayenta.direction = direction_of(arguments);
  SIGNALBOX_TRY(const auto alpha, number(arguments, "--alpha", 0, 0.5));
  query.sequential.alpha = alpha.value_or(query.sequential.alpha);
  return query;
}

// A threshold that nobody gave a limit would judge by 0.
Status has_limit(const cli::Arguments& arguments, const FileMetricsQuery& query,
                 const std::vector<CanaryMetric>& metrics) {
  if (query.judge != JudgeKind::threshold || arguments.has("--above") || arguments.has("--below")) return {};
  for (const CanaryMetric& metric : metrics) {
    const bool configured =
        std::any_of(query.configured.begin(), query.configured.end(), [&](const auto& other) {
          return other.name == metric.name && kind_of(other) == JudgeKind::threshold;
        });
    if (configured) continue;
    return fail(ErrorKind::bad_input, fmt::format("no limit for {}", printable(metric.name)),
                "--above N or --below N, or a metric of this name in train.canary.metrics");
  }
  return {};
}

// Where slow begins, for every latency: in the snapshot, else in the baseline before the canary's first row.
Status find_slow(const cli::Arguments& arguments, const SeriesTable& baseline, Time canary_start,
                 std::vector<CanaryMetric>& metrics) {
  std::unique_ptr<MetricsSource> source;
  Window before = {Time::min(), canary_start};
  for (CanaryMetric& metric : metrics) {
    auto* latency = std::get_if<LatencyQuery>(&metric.query);
    if (latency == nullptr) continue;
    if (!source) {
      SeriesTable snapshot = baseline;
      if (const auto file = arguments.get("--snapshot")) {
        SIGNALBOX_TRY(snapshot, read_table(*file));
        before.end = snapshot.times.back();
      }
      source = make_file_source(std::move(snapshot), {});
    }
    auto bound = source->slow_above(metric, before);
    if (!bound && !arguments.has("--snapshot")) {
      bound.error().hint =
          "give the baseline from before the canary with --snapshot FILE, or --judge kayenta";
    }
    if (!bound) return fail(std::move(bound).error());
    latency->slow_above = *bound;
  }
  return {};
}

std::string file_name(const std::string& path) {
  return printable(std::filesystem::path(path).filename().string());
}

Result<cli::Outcome> run_judge(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const std::string baseline_file, required(arguments, "--baseline"));
  SIGNALBOX_TRY(const std::string canary_file, required(arguments, "--canary"));
  SIGNALBOX_TRY(const config::Node section, signalbox::section(context.workspace, "train"));
  const config::Node configured = section["canary"];
  SIGNALBOX_TRY(const FileMetricsQuery query, query_of(arguments, configured));
  SIGNALBOX_TRY(const ScoreRule score, parse_score(configured["score"]));
  SIGNALBOX_TRY(const auto percent, number(arguments, "--weight", 0, 100));
  SIGNALBOX_TRY(SeriesTable baseline, read_table(baseline_file));
  SIGNALBOX_TRY(SeriesTable canary, read_table(canary_file));
  SIGNALBOX_TRY(std::vector<CanaryMetric> metrics, metrics_in(baseline, canary, query));
  SIGNALBOX_CHECK(has_limit(arguments, query, metrics));
  const std::vector<Window> windows = windows_of(canary.times);
  SIGNALBOX_CHECK(find_slow(arguments, baseline, windows.front().start, metrics));
  std::vector<double> weights;
  for (const CanaryMetric& metric : metrics) {
    weights.push_back(percent ? *percent / 100 : share_in(baseline, canary, metric));
  }
  const auto source = make_file_source(std::move(baseline), std::move(canary));
  const Trial trial = run_trial(*source, std::move(metrics), score, windows, weights);
  Report report = trial_report(
      trial, fmt::format("Canary {} beside {}", file_name(canary_file), file_name(baseline_file)));
  if (report.verdict != Verdict::none) return cli::Outcome(std::move(report));
  return cli::Outcome(cli::Unanswered{
      std::move(report),
      {ErrorKind::unavailable, "inconclusive, which is no success: " + trial.ruling.why, {}}});
}

cli::Command judge_command() {
  cli::Command command;
  command.name = "judge";
  command.summary = "Judge a recorded canary beside its baseline";
  command.details =
      "The files hold figures over time: CSV with a first column `time`, JSON (a list of objects with a "
      "`time`), or "
      "what Prometheus answers to a range query. Columns NAME_requests and NAME_bad are the counts of a "
      "metric; any "
      "other column holds values.\n\n"
      "Judges: sequential looks at counts as often as one likes (values are taken for latencies, bad when "
      "above the "
      "95th percentile of the baseline before the canary); kayenta compares the samples once, at the end; "
      "threshold "
      "keeps to a limit. Without --judge the metric of the same name in train.canary.metrics says which, "
      "else counts "
      "go to sequential and values to kayenta.\n\n"
      "Exit code 0 passes, 1 fails, 2 is wrong input, 3 is inconclusive: data are missing, too few, or the "
      "score is "
      "marginal.";
  command.options = {
      {.name = "--baseline", .value = "FILE", .help = "figures of the version that serves today"},
      {.name = "--canary", .value = "FILE", .help = "figures of the candidate, of the same time"},
      {.name = "--judge",
       .value = "JUDGE",
       .help = "who judges",
       .choices = {"sequential", "kayenta", "threshold"}},
      {.name = "--metric", .value = "NAME", .help = "judge this metric alone", .repeated = true},
      {.name = "--snapshot", .value = "FILE", .help = "the baseline before the canary: says what is slow"},
      {.name = "--weight", .value = "PERCENT", .help = "planned share of the canary; default: as counted"},
      {.name = "--alpha", .value = "CHANCE", .help = "of a false breach, sequential; default 0.01"},
      {.name = "--direction",
       .value = "WHICH",
       .help = "what is bad, kayenta",
       .choices = {"increase", "decrease", "either"}},
      {.name = "--above", .value = "LIMIT", .help = "bad from here on, threshold"},
      {.name = "--below", .value = "LIMIT", .help = "bad under it, threshold"},
      {.name = "--clear", .value = "VALUE", .help = "good again from here on, threshold"},
      {.name = "--for", .value = "TIME", .help = "how long it must last, threshold; default 1m"}};
  command.run = run_judge;
  return command;
}

}  // namespace

cli::Command canary_command() {
  cli::Command command;
  command.name = "canary";
  command.summary = "Judge canaries";
  command.commands = {judge_command()};
  return command;
}

}  // namespace signalbox::train::judges
