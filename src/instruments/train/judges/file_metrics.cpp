#include "instruments/train/judges/file_metrics.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/judges/file_source.hpp"

namespace signalbox::train::judges {
namespace {

struct NamedMetric {
  std::string name;
  bool counts = false;
};

bool has_counts(const SeriesTable& table, const std::string& name) {
  return table.find(name + std::string(kRequestsSuffix)) != nullptr &&
         table.find(name + std::string(kBadSuffix)) != nullptr;
}

// The metric that a column belongs to.
NamedMetric metric_of(const SeriesTable& table, const std::string& column) {
  for (const std::string_view suffix : {kRequestsSuffix, kBadSuffix}) {
    if (!column.ends_with(suffix)) continue;
    const std::string name = column.substr(0, column.size() - suffix.size());
    if (has_counts(table, name)) return {name, true};
  }
  return {column, false};
}

std::vector<NamedMetric> names_in(const SeriesTable& baseline, const SeriesTable& canary) {
  std::vector<NamedMetric> out;
  for (const SeriesTable* table : {&canary, &baseline}) {
    for (const SeriesColumn& column : table->columns) {
      const NamedMetric metric = metric_of(*table, column.name);
      const bool known = std::any_of(out.begin(), out.end(),
                                     [&](const NamedMetric& other) { return other.name == metric.name; });
      if (!known) out.push_back(metric);
    }
  }
  return out;
}

JudgeRule default_rule(JudgeKind judge, const FileMetricsQuery& query) {
  if (judge == JudgeKind::sequential) return query.sequential;
  if (judge == JudgeKind::kayenta) return query.kayenta;
  return query.threshold;
}

CanaryMetric metric_for(const NamedMetric& named, const FileMetricsQuery& query) {
  CanaryMetric out;
  out.name = named.name;
  const auto configured = std::find_if(query.configured.begin(), query.configured.end(),
                                       [&](const CanaryMetric& metric) { return metric.name == named.name; });
  const bool is_configured = configured != query.configured.end();
  const JudgeKind usual = is_configured  ? kind_of(*configured)
                          : named.counts ? JudgeKind::sequential
                                         : JudgeKind::kayenta;
  const JudgeKind judge = query.judge.value_or(usual);
  out.rule = is_configured && kind_of(*configured) == judge ? configured->rule : default_rule(judge, query);
  if (named.counts) {
    out.query = CountQuery{};
  } else if (judge == JudgeKind::sequential) {
    const auto* latency = is_configured ? std::get_if<LatencyQuery>(&configured->query) : nullptr;
    out.query = latency != nullptr ? *latency : LatencyQuery{};
  } else {
    out.query = ValueQuery{};
  }
  return out;
}

// Of a latency each value is a request.
double sum_of_requests(const SeriesTable& table, const CanaryMetric& metric) {
  const SeriesColumn* requests = table.find(metric.name + std::string(kRequestsSuffix));
  const SeriesColumn* column = requests != nullptr ? requests : table.find(metric.name);
  if (column == nullptr) return 0;
  double sum = 0;
  for (const double value : column->values) {
    if (std::isfinite(value)) sum += requests == nullptr ? 1 : std::max(0.0, value);
  }
  return sum;
}

}  // namespace

Result<std::vector<CanaryMetric>> metrics_in(const SeriesTable& baseline, const SeriesTable& canary,
                                             const FileMetricsQuery& query) {
  const std::vector<NamedMetric> names = names_in(baseline, canary);
  std::vector<std::string> known;
  for (const NamedMetric& named : names) known.push_back(named.name);
  for (const std::string& wanted : query.only) {
    if (std::find(known.begin(), known.end(), wanted) != known.end()) continue;
    return fail(ErrorKind::bad_input, fmt::format("no metric `{}` in these files", printable(wanted)),
                "there are: " + printable(join(known, ", ")));
  }
  std::vector<CanaryMetric> out;
  for (const NamedMetric& named : names) {
    const bool wanted =
        query.only.empty() || std::find(query.only.begin(), query.only.end(), named.name) != query.only.end();
    if (wanted) out.push_back(metric_for(named, query));
  }
  if (out.size() > kMaxMetrics) {
    return fail(ErrorKind::bad_input,
                fmt::format("{} metrics; at most {} are judged together", out.size(), kMaxMetrics),
                "choose some with --metric");
  }
  return out;
}

double share_in(const SeriesTable& baseline, const SeriesTable& canary, const CanaryMetric& metric) {
  const double of_canary = sum_of_requests(canary, metric);
  const double of_baseline = sum_of_requests(baseline, metric);
  return of_canary > 0 && of_baseline > 0 ? of_canary / (of_canary + of_baseline) : 0.5;
}

}  // namespace signalbox::train::judges
