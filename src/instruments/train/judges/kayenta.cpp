#include "instruments/train/judges/kayenta.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/stats/samples.hpp"

namespace signalbox::train::judges {
namespace {

using Rule = KayentaRule;
constexpr double kMaxNodataPercent = 50;  // so much of it, and the score is 0

// Values within the fences of the quartiles, or within the first and last percentile where those are wider.
void drop_outliers(std::vector<double>& values, double factor) {
  if (values.empty()) return;
  const double q1 = stats::quantile(values, 0.25);
  const double q3 = stats::quantile(values, 0.75);
  const double low = std::min(stats::quantile(values, 0.01), q1 - factor * (q3 - q1));
  const double high = std::max(stats::quantile(values, 0.99), q3 + factor * (q3 - q1));
  std::erase_if(values, [&](double value) { return value < low || value > high; });
}

bool is_constant(std::span<const double> values) {
  return std::all_of(values.begin(), values.end(), [&](double value) { return value == values.front(); });
}

double mean_ratio_of(std::span<const double> baseline, std::span<const double> canary) {
  const double below = stats::mean(baseline);
  const double above = stats::mean(canary);
  return below == 0 || above == 0 ? std::numeric_limits<double>::quiet_NaN() : above / below;
}

// An effect that cannot be computed excuses nothing.
bool at_least(double effect, double wanted) {
  return std::isnan(effect) || effect >= wanted;
}
bool at_most(double effect, double wanted) {
  return std::isnan(effect) || effect <= wanted;
}

ClassifiedMetric without_data(const Rule& rule) {
  ClassifiedMetric out;
  if (rule.nan == Rule::Nan::replace) {
    out.classification = Classification::pass;
    return out;
  }
  const bool critical = rule.criticality == Rule::Criticality::critical;
  const bool required = rule.data == Rule::Data::required;
  out.classification = required && !critical ? Classification::nodata_failed : Classification::nodata;
  out.fails_canary = critical;
  return out;
}

void compare(const Rule& rule, std::span<const double> baseline, std::span<const double> canary,
             ClassifiedMetric& out) {
  stats::Shift shift = stats::shift_between(canary, baseline, kKayentaConfidence);
  out.shift = shift.estimate;
  out.shift_lower = shift.interval.lower;
  out.shift_upper = shift.interval.upper;
  const double clear_of = kKayentaTolerance * std::abs(shift.estimate);
  const bool cles = rule.effect == Rule::Effect::cles;
  const double effect = cles ? stats::common_language_effect(canary, baseline) : out.mean_ratio;
  const double usual = cles ? 0.5 : 1;
  const bool critical = rule.criticality == Rule::Criticality::critical;
  if (rule.direction != Rule::Direction::decrease && shift.interval.lower > clear_of &&
      at_least(effect, rule.allowed_increase.value_or(usual))) {
    out.classification = Classification::high;
    out.fails_canary = critical && at_least(effect, rule.critical_increase.value_or(usual));
  } else if (rule.direction != Rule::Direction::increase && shift.interval.upper < -clear_of &&
             at_most(effect, rule.allowed_decrease.value_or(usual))) {
    out.classification = Classification::low;
    out.fails_canary = critical && at_most(effect, rule.critical_decrease.value_or(usual));
  }
}

}  // namespace

std::string_view name_of(Classification classification) {
  switch (classification) {
    case Classification::pass:
      return "Pass";
    case Classification::high:
      return "High";
    case Classification::low:
      return "Low";
    case Classification::nodata:
      return "Nodata";
    case Classification::nodata_failed:
      break;
  }
  return "NodataFailMetric";
}

std::vector<double> prepared(const KayentaRule& rule, std::span<const double> values) {
  std::vector<double> out;
  out.reserve(values.size());
  for (const double value : values) {
    if (std::isfinite(value)) {
      out.push_back(value);
    } else if (rule.nan == Rule::Nan::replace) {
      out.push_back(0);
    }
  }
  if (rule.outliers == Rule::Outliers::remove) drop_outliers(out, rule.outlier_factor);
  return out;
}

ClassifiedMetric classify(const KayentaRule& rule, std::span<const double> baseline,
                          std::span<const double> canary) {
  std::vector<double> below = prepared(rule, baseline);
  std::vector<double> above = prepared(rule, canary);
  if (below.empty() || above.empty()) return without_data(rule);
  ClassifiedMetric out;
  out.classification = Classification::pass;
  std::sort(below.begin(), below.end());
  std::sort(above.begin(), above.end());
  const bool one_value = is_constant(below) && is_constant(above) && below.front() == above.front();
  if (below == above || one_value) return out;
  out.mean_ratio = mean_ratio_of(below, above);
  compare(rule, below, above, out);
  return out;
}

Score score(const std::vector<ScoredMetric>& metrics, const ScoreRule& rule) {
  struct Counted {
    double pass = 0;
    double all = 0;
  };
  Score out;
  std::map<std::string, Counted> counted;
  double nodata = 0;
  bool critical_failed = false;
  bool critical_lacks = false;
  for (const ScoredMetric& metric : metrics) {
    const bool lacks = metric.classification == Classification::nodata;
    nodata += lacks;
    critical_failed = critical_failed || (metric.fails_canary && !lacks);
    critical_lacks = critical_lacks || (metric.fails_canary && lacks);
    for (const std::string& group : metric.groups) {
      Counted& counts = counted[group];
      counts.pass += metric.classification == Classification::pass;
      counts.all += metric.classification != Classification::nodata;
    }
  }
  double named = 0;
  for (const auto& [group, weight] : rule.weights) named += weight;
  double unnamed = 0;
  for (const auto& [group, counts] : counted) unnamed += !rule.weights.contains(group);
  double sum = 0;
  for (const auto& [group, counts] : counted) {
    const auto weight = rule.weights.find(group);
    const double percent = weight != rule.weights.end() ? weight->second : (100 - named) / unnamed;
    if (counts.all > 0) out.groups[group] = 100 * counts.pass / counts.all;
    if (counts.all == 0) out.groups[group] = std::nullopt;
    sum += out.groups[group].value_or(100) * percent / 100;
  }
  const double all = static_cast<double>(metrics.size());
  const bool mostly_lacks = metrics.empty() || nodata / all * 100 >= kMaxNodataPercent;
  out.lacks_data = !critical_failed && (critical_lacks || mostly_lacks);
  if (critical_failed) {
    out.why_zero = "a critical metric failed";
  } else if (critical_lacks) {
    out.why_zero = "a critical metric has no data";
  } else if (mostly_lacks) {
    out.why_zero = fmt::format("{:.0f} of {:.0f} metrics have no data", nodata, all);
  } else {
    out.value = std::round(sum * 100) / 100;
  }
  return out;
}

Result<ScoreRule> parse_score(const config::Node& score) {
  ScoreRule rule;
  if (!score.exists()) return rule;
  SIGNALBOX_CHECK(score.only({"pass", "marginal", "groups"}));
  const auto percent = [](const config::Node& node, double& into) -> Status {
    if (!node.exists()) return {};
    SIGNALBOX_TRY(into, node.number());
    if (!(into >= 0 && into <= 100)) return node.wrong(fmt::format("{} is no score from 0 to 100", into));
    return {};
  };
  SIGNALBOX_CHECK(percent(score["pass"], rule.pass));
  SIGNALBOX_CHECK(percent(score["marginal"], rule.marginal));
  if (rule.marginal > rule.pass) {
    return score.wrong(fmt::format("marginal {} is above pass {}", rule.marginal, rule.pass));
  }
  double sum = 0;
  for (const auto& [group, node] : score["groups"].members()) {
    SIGNALBOX_CHECK(percent(node, rule.weights[group]));
    sum += rule.weights[group];
  }
  if (sum > 100) return score["groups"].wrong(fmt::format("weights of {} % in all", sum));
  return rule;
}

}  // namespace signalbox::train::judges
