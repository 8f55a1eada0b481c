// What is measured of a release once it has all traffic: `health` of section `train`.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/config/config.hpp"

namespace signalbox::train::after {

inline constexpr std::size_t kMaxHealthMeasures = 50;

// One figure of a release: "crash-free", "adoption", "errors". In the query `$candidate` and `$baseline`
// stand for the two releases, as in `metrics`; it gives one series.
struct HealthMeasure {
  std::string name;
  std::string query;                        // PromQL
  std::string unit;                         // may be empty
  std::optional<double> at_least, at_most;  // one of them or both; neither: it is told and not judged
};

struct HealthSettings {
  Duration after = std::chrono::hours(24);  // all traffic: when the figures are taken
  std::vector<HealthMeasure> measures;
};

// bad_input with file:line:column. An absent section measures nothing.
Result<HealthSettings> parse_health(const config::Node& health);

}  // namespace signalbox::train::after
