#include <algorithm>
#include <cctype>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/judges/metric.hpp"

namespace signalbox::train::judges {
namespace {

using config::Node;
using Keys = std::vector<std::string>;

constexpr double kMaxFactor = 1'000;
constexpr Duration kMaxLasting = std::chrono::hours(24);

const Keys& keys_of(JudgeKind judge) {
  static const Keys sequential = {"alpha", "beta", "tolerated", "min_requests"};
  static const Keys kayenta = {"direction",
                               "nan",
                               "outliers",
                               "outlier_factor",
                               "effect",
                               "critical",
                               "must_have_data",
                               "allowed_increase",
                               "allowed_decrease",
                               "critical_increase",
                               "critical_decrease",
                               "groups"};
  static const Keys threshold = {"above", "below", "clear", "for", "of"};
  return judge == JudgeKind::sequential ? sequential : judge == JudgeKind::kayenta ? kayenta : threshold;
}

// One of several words.
template <class T>
Result<T> one_of(const Node& node, const std::vector<std::pair<std::string, T>>& choices) {
  SIGNALBOX_TRY(const std::string word, node.text());
  Keys words;
  for (const auto& [name, value] : choices) {
    if (name == word) return value;
    words.push_back(name);
  }
  return node.wrong(fmt::format("`{}` is none of {}", printable(word), join(words, ", ")));
}

// Fills `into` where the key is there and its value is within the bounds, which are excluded.
Status number_between(const Node& node, double low, double high, double& into) {
  if (!node.exists()) return {};
  SIGNALBOX_TRY(const double value, node.number());
  if (!(value > low && value < high)) {
    return node.wrong(fmt::format("{} is not between {} and {}", value, low, high));
  }
  into = value;
  return {};
}

Status factor(const Node& node, std::optional<double>& into) {
  if (!node.exists()) return {};
  double value = 0;
  SIGNALBOX_CHECK(number_between(node, 0, kMaxFactor, value));
  into = value;
  return {};
}

// A selector or expression that can tell the sides apart.
Result<std::string> sided(const Node& node) {
  SIGNALBOX_TRY(const std::string text, node.text());
  if (text.find("$side") == std::string::npos) {
    return node.wrong(
        "it reads the same for both sides: `$side` is missing",
        "write `$side` where the labels of baseline or canary belong, as in `requests_total{$side}`");
  }
  return text;
}

// A counter is named by a selector alone: how much it rose is found from its raw samples.
Result<std::string> counter(const Node& node) {
  SIGNALBOX_TRY(std::string text, sided(node));
  const auto brace = std::find_if(
      text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) == 0 && c != '_' && c != ':'; });
  if (brace == text.end() || *brace != '{' || text.back() != '}') {
    return node.wrong("a counter is named by a selector, without functions",
                      "as in `http_requests_total{$side}`; how much it rose is found from its raw samples");
  }
  return text;
}

Result<MetricQuery> parse_query(const Node& metric) {
  const Node requests = metric["requests"];
  const Node bad = metric["bad"];
  const Node buckets = metric["buckets"];
  const Node value = metric["value"];
  const bool counts = requests.exists() || bad.exists();
  if (counts + buckets.exists() + value.exists() != 1) {
    return metric.wrong("a metric is found by `requests` and `bad`, by `buckets`, or by `value`");
  }
  if (counts) {
    CountQuery query;
    SIGNALBOX_TRY(query.requests, counter(requests));
    SIGNALBOX_TRY(query.bad, counter(bad));
    if (const Node absent = metric["absent"]; absent.exists()) {
      SIGNALBOX_TRY(query.absent,
                    one_of<CountQuery::Absent>(absent, {{"unknown", CountQuery::Absent::unknown},
                                                        {"zero", CountQuery::Absent::zero}}));
    }
    return query;
  }
  if (buckets.exists()) {
    LatencyQuery query;
    SIGNALBOX_TRY(query.buckets, counter(buckets));
    SIGNALBOX_CHECK(number_between(metric["quantile"], 0, 1, query.quantile));
    return query;
  }
  ValueQuery query;
  SIGNALBOX_TRY(query.expression, sided(value));
  return query;
}

Result<JudgeKind> parse_judge(const Node& metric, const MetricQuery& query) {
  const bool counts = !std::holds_alternative<ValueQuery>(query);
  const Node judge = metric["judge"];
  if (!judge.exists() && counts) return JudgeKind::sequential;
  SIGNALBOX_TRY(const JudgeKind kind, one_of<JudgeKind>(judge, {{"sequential", JudgeKind::sequential},
                                                                {"kayenta", JudgeKind::kayenta},
                                                                {"threshold", JudgeKind::threshold}}));
  if (kind == JudgeKind::sequential && !counts) {
    return judge.wrong("the sequential judge counts requests: it needs `requests` and `bad`, or `buckets`");
  }
  return kind;
}

Result<JudgeRule> parse_sequential(const Node& metric) {
  SequentialRule rule;
  SIGNALBOX_CHECK(number_between(metric["alpha"], 0, 0.5, rule.alpha));
  SIGNALBOX_CHECK(number_between(metric["beta"], 0, 0.5, rule.beta));
  SIGNALBOX_CHECK(number_between(metric["tolerated"], 1, kMaxFactor, rule.tolerated));
  SIGNALBOX_CHECK(number_between(metric["min_requests"], 0, 1e9, rule.min_requests));
  return rule;
}

Result<JudgeRule> parse_kayenta(const Node& metric) {
  using Rule = KayentaRule;
  Rule rule;
  if (const Node node = metric["direction"]; node.exists()) {
    SIGNALBOX_TRY(rule.direction, one_of<Rule::Direction>(node, {{"increase", Rule::Direction::increase},
                                                                 {"decrease", Rule::Direction::decrease},
                                                                 {"either", Rule::Direction::either}}));
  }
  if (const Node node = metric["nan"]; node.exists()) {
    SIGNALBOX_TRY(rule.nan,
                  one_of<Rule::Nan>(node, {{"remove", Rule::Nan::remove}, {"replace", Rule::Nan::replace}}));
  }
  if (const Node node = metric["outliers"]; node.exists()) {
    SIGNALBOX_TRY(rule.outliers, one_of<Rule::Outliers>(node, {{"keep", Rule::Outliers::keep},
                                                               {"remove", Rule::Outliers::remove}}));
  }
  if (const Node node = metric["effect"]; node.exists()) {
    SIGNALBOX_TRY(rule.effect, one_of<Rule::Effect>(node, {{"mean-ratio", Rule::Effect::mean_ratio},
                                                           {"cles", Rule::Effect::cles}}));
  }
  if (const Node node = metric["critical"]; node.exists()) {
    SIGNALBOX_TRY(const bool critical, node.boolean());
    if (critical) rule.criticality = Rule::Criticality::critical;
  }
  if (const Node node = metric["must_have_data"]; node.exists()) {
    SIGNALBOX_TRY(const bool required, node.boolean());
    if (required) rule.data = Rule::Data::required;
  }
  SIGNALBOX_CHECK(number_between(metric["outlier_factor"], 0, kMaxFactor, rule.outlier_factor));
  SIGNALBOX_CHECK(factor(metric["allowed_increase"], rule.allowed_increase));
  SIGNALBOX_CHECK(factor(metric["allowed_decrease"], rule.allowed_decrease));
  SIGNALBOX_CHECK(factor(metric["critical_increase"], rule.critical_increase));
  SIGNALBOX_CHECK(factor(metric["critical_decrease"], rule.critical_decrease));
  if (const Node node = metric["groups"]; node.exists()) {
    SIGNALBOX_TRY(rule.groups, node.texts());
  }
  return rule;
}

Result<JudgeRule> parse_threshold(const Node& metric) {
  ThresholdRule rule;
  const Node above = metric["above"];
  const Node below = metric["below"];
  if (above.exists() == below.exists()) {
    return metric.wrong("a threshold is `above` a limit or `below` one");
  }
  if (below.exists()) rule.side = ThresholdRule::Side::below;
  SIGNALBOX_TRY(rule.limit, (above.exists() ? above : below).number());
  rule.clear = rule.limit;
  if (const Node clear = metric["clear"]; clear.exists()) {
    SIGNALBOX_TRY(rule.clear, clear.number());
    const bool good =
        rule.side == ThresholdRule::Side::above ? rule.clear <= rule.limit : rule.clear >= rule.limit;
    if (!good)
      return clear.wrong(fmt::format("{} is on the bad side of the limit {}", rule.clear, rule.limit));
  }
  if (const Node lasting = metric["for"]; lasting.exists()) {
    SIGNALBOX_TRY(rule.lasting, lasting.duration());
    if (rule.lasting > kMaxLasting) return lasting.wrong("a threshold is judged within a day");
  }
  if (const Node of = metric["of"]; of.exists()) {
    SIGNALBOX_TRY(rule.of, one_of<ThresholdRule::Of>(of, {{"value", ThresholdRule::Of::value},
                                                          {"baseline", ThresholdRule::Of::baseline}}));
  }
  return rule;
}

Result<CanaryMetric> parse_metric(const Node& metric) {
  CanaryMetric out;
  SIGNALBOX_TRY(out.name, metric["name"].text());
  SIGNALBOX_TRY(out.query, parse_query(metric));
  SIGNALBOX_TRY(const JudgeKind judge, parse_judge(metric, out.query));
  Keys known = {"name", "judge"};
  if (std::holds_alternative<CountQuery>(out.query)) known.insert(known.end(), {"requests", "bad", "absent"});
  if (std::holds_alternative<LatencyQuery>(out.query)) known.insert(known.end(), {"buckets", "quantile"});
  if (std::holds_alternative<ValueQuery>(out.query)) known.insert(known.end(), {"value"});
  known.insert(known.end(), keys_of(judge).begin(), keys_of(judge).end());
  SIGNALBOX_CHECK(metric.only(known));
  SIGNALBOX_TRY(out.rule, judge == JudgeKind::sequential ? parse_sequential(metric)
                          : judge == JudgeKind::kayenta  ? parse_kayenta(metric)
                                                         : parse_threshold(metric));
  return out;
}

}  // namespace

std::string_view name_of(JudgeKind kind) {
  switch (kind) {
    case JudgeKind::sequential:
      return "sequential";
    case JudgeKind::kayenta:
      return "kayenta";
    case JudgeKind::threshold:
      break;
  }
  return "threshold";
}

JudgeKind kind_of(const CanaryMetric& metric) {
  return static_cast<JudgeKind>(metric.rule.index());
}

bool needs_baseline(const CanaryMetric& metric) {
  const auto* threshold = std::get_if<ThresholdRule>(&metric.rule);
  return threshold == nullptr || threshold->of == ThresholdRule::Of::baseline;
}

Result<std::vector<CanaryMetric>> parse_metrics(const config::Node& metrics) {
  std::vector<CanaryMetric> out;
  if (!metrics.exists()) return out;
  if (!metrics.is_list()) return metrics.wrong("a list of metrics belongs here");
  std::set<std::string> names;
  for (const Node& node : metrics.items()) {
    if (out.size() == kMaxMetrics) return node.wrong(fmt::format("at most {} metrics", kMaxMetrics));
    SIGNALBOX_TRY(CanaryMetric metric, parse_metric(node));
    if (!names.insert(metric.name).second) {
      return node["name"].wrong(fmt::format("there is a metric `{}` already", printable(metric.name)));
    }
    out.push_back(std::move(metric));
  }
  return out;
}

}  // namespace signalbox::train::judges
