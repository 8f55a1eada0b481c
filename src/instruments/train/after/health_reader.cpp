#include "instruments/train/after/health_reader.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/judges/prometheus_client.hpp"
#include "instruments/train/ramp/drivers/drivers.hpp"

namespace signalbox::train::after {
namespace {

constexpr auto kFiguresWithin = std::chrono::seconds(60);  // all of them together

}  // namespace

Result<Health> read_health(const TrainEvents& events, const Policy& policy, Time now) {
  const std::optional<Ending> ending = ending_of(read_passages(events));
  if (!ending) {
    return fail(ErrorKind::conflict,
                fmt::format("train {} has neither left nor been taken back", events.train),
                "signalbox train status " + events.train);
  }
  const HealthSettings& settings = policy.health;
  if (settings.measures.empty()) return make_health(events, settings, {}, now);
  SIGNALBOX_CHECK(ramp::allowance_of(policy.configuration)());
  const judges::PrometheusClient client(*policy.ramp.prometheus);
  const auto end = std::chrono::steady_clock::now() + kFiguresWithin;
  const auto ask = [&](const std::string& query, Time time) -> Result<double> {
    const auto mine = std::min(end, std::chrono::steady_clock::now() + policy.ramp.prometheus->timeout);
    SIGNALBOX_TRY(const std::vector<proto::PrometheusSeries> series, client.query(query, time, mine));
    if (series.empty() || series.front().samples.empty())
      return fail(ErrorKind::unavailable, "nothing was measured");
    if (series.size() > 1)
      return fail(ErrorKind::bad_input, fmt::format("{} series where one is wanted", series.size()));
    return series.front().samples.back().value;
  };
  return make_health(events, settings,
                     take_figures(settings, *ending, time_of_figures(settings, *ending, now), ask), now);
}

}  // namespace signalbox::train::after
