#include "instruments/train/judges/counter_rise.hpp"

#include <cmath>
#include <set>
#include <utility>

namespace signalbox::train::judges {
namespace {

using Target = std::pair<std::string_view, std::string_view>;

std::string_view label(const proto::PrometheusSeries& series, std::string_view name) {
  const auto found = series.labels.find(name);
  return found == series.labels.end() ? std::string_view{} : std::string_view(found->second);
}

Target target_of(const proto::PrometheusSeries& series) {
  return {label(series, "job"), label(series, "instance")};
}

std::set<Target> targets_before(const PrometheusSeriesList& known, Time start) {
  std::set<Target> out;
  for (const proto::PrometheusSeries& series : known) {
    if (!series.samples.empty() && series.samples.front().time <= start) out.insert(target_of(series));
  }
  return out;
}

// Nothing where the window holds no sample.
std::optional<double> rise_of_one(const proto::PrometheusSeries& series, const Window& window,
                                  bool counts_from_zero) {
  std::optional<double> before;
  if (counts_from_zero) before = 0;
  std::optional<double> rise;
  for (const auto& [time, value] : series.samples) {
    if (time > window.end) break;
    if (!std::isfinite(value)) continue;
    if (time > window.start) {
      rise = rise.value_or(0);
      if (before) *rise += value >= *before ? value - *before : value;
    }
    before = value;
  }
  return rise;
}

}  // namespace

std::optional<double> rise_of(const PrometheusSeriesList& counters, const PrometheusSeriesList& known,
                              const Window& window,
                              const std::function<bool(const proto::PrometheusSeries&)>& wanted) {
  const std::set<Target> old = targets_before(known, window.start);
  std::optional<double> sum;
  for (const proto::PrometheusSeries& series : counters) {
    if (wanted && !wanted(series)) continue;
    const auto rise = rise_of_one(series, window, old.contains(target_of(series)));
    if (rise) sum = sum.value_or(0) + *rise;
  }
  return sum;
}

}  // namespace signalbox::train::judges
