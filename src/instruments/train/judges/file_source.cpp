#include "instruments/train/judges/file_source.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/stats/samples.hpp"

namespace signalbox::train::judges {
namespace {

struct Rows {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool empty() const { return begin == end; }
};

Rows rows_in(const SeriesTable& table, const Window& window) {
  const auto first = std::upper_bound(table.times.begin(), table.times.end(), window.start);
  const auto last = std::upper_bound(first, table.times.end(), window.end);
  return {static_cast<std::size_t>(first - table.times.begin()),
          static_cast<std::size_t>(last - table.times.begin())};
}

// Those that are numbers.
std::vector<double> values_of(const SeriesColumn& column, const Rows& rows) {
  std::vector<double> out;
  for (std::size_t i = rows.begin; i < rows.end; ++i) {
    if (std::isfinite(column.values[i])) out.push_back(column.values[i]);
  }
  return out;
}

class FileSource final : public MetricsSource {
 public:
  FileSource(SeriesTable baseline, SeriesTable canary)
      : baseline_(std::move(baseline)), canary_(std::move(canary)) {}

  Duration resolution() const override {
    Duration least = std::chrono::minutes(1);
    for (std::size_t i = 1; i < canary_.times.size(); ++i) {
      least = std::min<Duration>(least, canary_.times[i] - canary_.times[i - 1]);
    }
    return least;
  }

  Observation observe(const CanaryMetric& metric, Window window) override {
    const bool asks_for_values = std::holds_alternative<ValueQuery>(metric.query);
    const auto see = [&](const auto& of_side) -> std::variant<NoData, CountPair, SamplePair> {
      auto baseline = of_side(baseline_);
      if (!baseline) return NoData{"baseline: " + baseline.error().message};
      auto canary = of_side(canary_);
      if (!canary) return NoData{"canary: " + canary.error().message};
      if constexpr (std::is_same_v<decltype(baseline), Result<Counts>>)
        return CountPair{*baseline, *canary};
      else
        return SamplePair{std::move(*baseline), std::move(*canary)};
    };
    if (asks_for_values)
      return {window, see([&](const SeriesTable& table) { return values(table, metric, window); })};
    return {window, see([&](const SeriesTable& table) { return counts(table, metric, window); })};
  }

  Result<double> slow_above(const CanaryMetric& metric, Window before) override {
    const auto* latency = std::get_if<LatencyQuery>(&metric.query);
    const SeriesColumn* column = baseline_.find(metric.name);
    if (latency == nullptr || column == nullptr) {
      return fail(ErrorKind::bad_input,
                  fmt::format("{} is no latency of the baseline", printable(metric.name)));
    }
    const std::vector<double> seen = values_of(*column, rows_in(baseline_, before));
    if (seen.size() < kFewestForQuantile) {
      return fail(
          ErrorKind::unavailable,
          fmt::format("{}: {} values of the baseline before the canary; {} are needed to say what is slow",
                      printable(metric.name), seen.size(), kFewestForQuantile));
    }
    return stats::quantile(seen, latency->quantile);
  }

 private:
  static Result<Counts> counts(const SeriesTable& table, const CanaryMetric& metric, const Window& window) {
    const Rows rows = rows_in(table, window);
    if (rows.empty()) return fail(ErrorKind::unavailable, "no row in this time");
    const SeriesColumn* requests = table.find(metric.name + std::string(kRequestsSuffix));
    const SeriesColumn* bad = table.find(metric.name + std::string(kBadSuffix));
    if (requests == nullptr || bad == nullptr) return slow_ones(table, metric, rows);
    Counts out;
    bool any = false;
    for (std::size_t i = rows.begin; i < rows.end; ++i) {
      if (!std::isfinite(requests->values[i]) || !std::isfinite(bad->values[i])) continue;
      out.requests += requests->values[i];
      out.bad += bad->values[i];
      any = true;
    }
    if (!any) return fail(ErrorKind::unavailable, "no counts in this time");
    return out;
  }

  static Result<Counts> slow_ones(const SeriesTable& table, const CanaryMetric& metric, const Rows& rows) {
    const auto* latency = std::get_if<LatencyQuery>(&metric.query);
    const SeriesColumn* column = table.find(metric.name);
    if (latency == nullptr || column == nullptr || !latency->slow_above) {
      return fail(ErrorKind::unavailable, "no columns of counts");
    }
    const std::vector<double> seen = values_of(*column, rows);
    if (seen.empty()) return fail(ErrorKind::unavailable, "no values in this time");
    const auto slow =
        std::count_if(seen.begin(), seen.end(), [&](double value) { return value > *latency->slow_above; });
    return Counts{static_cast<double>(seen.size()), static_cast<double>(slow)};
  }

  static Result<std::vector<double>> values(const SeriesTable& table, const CanaryMetric& metric,
                                            const Window& window) {
    const Rows rows = rows_in(table, window);
    if (rows.empty()) return fail(ErrorKind::unavailable, "no row in this time");
    const SeriesColumn* column = table.find(metric.name);
    if (column == nullptr) return fail(ErrorKind::unavailable, "no column of values");
    const auto begin = column->values.begin();
    return std::vector<double>(begin + static_cast<std::ptrdiff_t>(rows.begin),
                               begin + static_cast<std::ptrdiff_t>(rows.end));
  }

  SeriesTable baseline_;
  SeriesTable canary_;
};

}  // namespace

std::unique_ptr<MetricsSource> make_file_source(SeriesTable baseline, SeriesTable canary) {
  return std::make_unique<FileSource>(std::move(baseline), std::move(canary));
}

}  // namespace signalbox::train::judges
