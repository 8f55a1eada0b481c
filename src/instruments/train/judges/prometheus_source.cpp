#include "instruments/train/judges/prometheus_source.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <map>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/proto/prometheus_answer.hpp"
#include "instruments/train/judges/counter_rise.hpp"
#include "instruments/train/judges/prometheus_client.hpp"

namespace signalbox::train::judges {
namespace {

using End = PrometheusClient::End;

constexpr std::string_view kSide = "$side";

std::string with_all(std::string text, std::string_view what, std::string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

// As it stands within the quotes of a label's value.
std::string as_label_text(std::string_view text) {
  return with_all(with_all(std::string(text), "\\", "\\\\"), "\"", "\\\"");
}

// Upper bound of a bucket; NaN where the label is none.
double bound_of(const proto::PrometheusSeries& series) {
  const auto le = series.labels.find("le");
  if (le == series.labels.end()) return std::nan("");
  if (le->second == "+Inf") return INFINITY;
  double bound = 0;
  const std::string& text = le->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bound);
  return error == std::errc() && end == text.data() + text.size() ? bound : std::nan("");
}

std::string why_not(std::string_view side, const Error& error) {
  return fmt::format("{}: {}", side, error.message);
}

class PrometheusSource final : public MetricsSource {
 public:
  PrometheusSource(PrometheusSettings settings, const Versions& versions)
      : settings_(std::move(settings)), client_(settings_) {
    for (std::string* matchers : {&settings_.baseline, &settings_.canary}) {
      *matchers = with_all(std::move(*matchers), "$candidate", as_label_text(versions.candidate));
      *matchers = with_all(std::move(*matchers), "$baseline", as_label_text(versions.baseline));
    }
  }

  Duration resolution() const override { return settings_.resolution; }
  Duration time_limit() const override { return settings_.timeout; }

  Observation observe(const CanaryMetric& metric, Window window) override {
    const Window seen = {window.start - settings_.delay, window.end - settings_.delay};
    const End end = end_of_answer();
    if (std::holds_alternative<ValueQuery>(metric.query)) return {window, samples(metric, seen, end)};
    const auto counts_of_side = [&](std::string_view matchers) {
      if (const auto* latency = std::get_if<LatencyQuery>(&metric.query))
        return counts(*latency, {matchers, seen, end});
      return counts(std::get<CountQuery>(metric.query), {matchers, seen, end});
    };
    const auto baseline = counts_of_side(settings_.baseline);
    if (!baseline && needs_baseline(metric)) return {window, NoData{why_not("baseline", baseline.error())}};
    const auto canary = counts_of_side(settings_.canary);
    if (!canary) return {window, NoData{why_not("canary", canary.error())}};
    const SideCounts other = baseline.value_or(SideCounts{});
    const auto* query = std::get_if<CountQuery>(&metric.query);
    const bool is_unknown = query != nullptr && query->absent == CountQuery::Absent::unknown;
    if (is_unknown && !other.has_bad && !canary->has_bad) {
      return {window, NoData{"no counter matches `bad` on either side: is it spelt right? Where there may be "
                             "none yet, `absent: zero` says so"}};
    }
    return {window, CountPair{other.counts, canary->counts}};
  }

  Result<double> slow_above(const CanaryMetric& metric, Window before) override {
    const auto* latency = std::get_if<LatencyQuery>(&metric.query);
    if (latency == nullptr) {
      return fail(ErrorKind::bad_input,
                  fmt::format("{} is no latency: it has no `buckets`", printable(metric.name)));
    }
    SIGNALBOX_TRY(const auto rises, bucket_rises(*latency, {settings_.baseline, before, end_of_answer()}));
    const auto all = rises.find(INFINITY);
    if (all == rises.end() || !(all->second > 0)) {
      return fail(ErrorKind::unavailable,
                  fmt::format("{}: the baseline had no requests before the canary", printable(metric.name)),
                  "let it have traffic for a while, then depart");
    }
    for (const auto& [bound, count] : rises) {
      if (std::isfinite(bound) && count >= latency->quantile * all->second) return bound;
    }
    return fail(
        ErrorKind::bad_input,
        fmt::format("{}: more than {:.3g} % of the baseline's requests are slower than the last bucket",
                    printable(metric.name), 100 * (1 - latency->quantile)),
        "give the histogram larger buckets, or ask for a lower `quantile`");
  }

 private:
  // One side's part of an answer: whose series, when, and until when the server may take.
  struct Ask {
    std::string_view matchers;
    const Window& window;
    End end;
  };
  struct SideCounts {
    Counts counts;
    bool has_bad = false;  // a counter of bad requests is there, whether it rose or not
  };

  End end_of_answer() const { return std::chrono::steady_clock::now() + settings_.timeout; }

  // Raw samples of counters in the window, and those shortly before it.
  Result<PrometheusSeriesList> raw(const std::string& selector, const Ask& ask) const {
    const Duration range = ask.window.end - ask.window.start + kCounterLookback;
    return client_.query(fmt::format("{}[{}ms]", with_all(selector, kSide, ask.matchers), range.count()),
                         ask.window.end, ask.end);
  }

  Result<SideCounts> counts(const CountQuery& query, const Ask& ask) const {
    SIGNALBOX_TRY(const PrometheusSeriesList requests, raw(query.requests, ask));
    const auto total = rise_of(requests, requests, ask.window);
    if (!total) return fail(ErrorKind::unavailable, "no new samples of its requests");
    SIGNALBOX_TRY(const PrometheusSeriesList bad, raw(query.bad, ask));
    // A kind of error that never happened has no counter yet.
    return SideCounts{{*total, rise_of(bad, requests, ask.window).value_or(0)}, !bad.empty()};
  }

  Result<std::map<double, double>> bucket_rises(const LatencyQuery& query, const Ask& ask) const {
    SIGNALBOX_TRY(const PrometheusSeriesList buckets, raw(query.buckets, ask));
    std::map<double, double> out;
    for (const proto::PrometheusSeries& series : buckets) {
      const double bound = bound_of(series);
      if (std::isnan(bound) || out.contains(bound)) continue;
      const auto rise = rise_of(buckets, buckets, ask.window, [&](const proto::PrometheusSeries& other) {
        return bound_of(other) == bound;
      });
      if (rise) out.emplace(bound, *rise);
    }
    return out;
  }

  Result<SideCounts> counts(const LatencyQuery& query, const Ask& ask) const {
    if (!query.slow_above) return fail(ErrorKind::unavailable, "where slow begins was not measured");
    SIGNALBOX_TRY(const auto rises, bucket_rises(query, ask));
    const auto all = rises.find(INFINITY);
    if (all == rises.end()) return fail(ErrorKind::unavailable, "no new samples of its histogram");
    const auto quick = rises.find(*query.slow_above);
    if (quick == rises.end()) {
      return fail(ErrorKind::unavailable,
                  fmt::format("the histogram has no bucket le={}", *query.slow_above));
    }
    return SideCounts{{all->second, std::max(0.0, all->second - quick->second)}, true};
  }

  // Values at every multiple of the resolution in the window; NaN where there is none.
  Result<std::vector<double>> values(const std::string& expression, std::string_view matchers, Time first,
                                     Time last, End end) const {
    const std::string query = with_all(expression, kSide, matchers);
    SIGNALBOX_TRY(const PrometheusSeriesList series,
                  client_.query_range(query, first, last, settings_.resolution, end));
    if (series.size() > 1) {
      return fail(
          ErrorKind::bad_input,
          fmt::format("the expression gives {} series; it must give one, by sum() or avg()", series.size()));
    }
    const auto count = static_cast<std::size_t>((last - first) / settings_.resolution) + 1;
    std::vector<double> out(count, std::nan(""));
    if (series.empty()) return out;
    for (const auto& [time, value] : series.front().samples) {
      const auto index = (time - first) / settings_.resolution;
      if (time >= first && static_cast<std::size_t>(index) < count)
        out[static_cast<std::size_t>(index)] = value;
    }
    return out;
  }

  std::variant<NoData, CountPair, SamplePair> samples(const CanaryMetric& metric, const Window& window,
                                                      End end) const {
    const std::string& expression = std::get<ValueQuery>(metric.query).expression;
    const auto step = settings_.resolution.count();
    const auto multiple = [&](Time time) { return time.time_since_epoch().count() / step; };
    const Time first{Duration((multiple(window.start) + 1) * step)};
    const Time last{Duration(multiple(window.end) * step)};
    if (first > last) return NoData{"no sample is due yet"};
    auto baseline = values(expression, settings_.baseline, first, last, end);
    if (!baseline && needs_baseline(metric)) return NoData{why_not("baseline", baseline.error())};
    auto canary = values(expression, settings_.canary, first, last, end);
    if (!canary) return NoData{why_not("canary", canary.error())};
    return SamplePair{std::move(baseline).value_or(std::vector<double>()), std::move(*canary)};
  }

  PrometheusSettings settings_;
  PrometheusClient client_;
};

}  // namespace

std::unique_ptr<MetricsSource> make_prometheus_source(PrometheusSettings settings, const Versions& versions) {
  return std::make_unique<PrometheusSource>(std::move(settings), versions);
}

}  // namespace signalbox::train::judges
