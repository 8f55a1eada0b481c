// How a train departs: `driver`, `hooks`, `canary`, `metrics`, `rehearsal` and `tag` of section `train`. Part
// of the policy, so that no candidate chooses by what it is judged and how it is taken back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "instruments/train/judges/kayenta.hpp"
#include "instruments/train/judges/metric.hpp"
#include "instruments/train/judges/prometheus_source.hpp"
#include "instruments/train/ramp/driver_settings.hpp"
#include "instruments/train/ramp/plan.hpp"

namespace signalbox::train::ramp {

// Where going back is rehearsed: an environment of its own, moved by a driver of its own.
struct Rehearsal {
  std::string environment;  // "staging"
  DriverSettings driver;
  std::vector<Words> data_checks;  // run after the way back: is the data as it was?
};

struct Settings {
  Plan plan;
  DriverSettings driver;
  Hooks hooks;
  std::vector<judges::CanaryMetric> metrics;             // `canary.metrics`
  judges::ScoreRule score;                               // `canary.score`
  std::optional<judges::PrometheusSettings> prometheus;  // `metrics`: there where `canary.metrics` names any
  std::optional<Rehearsal> rehearsal;
  enum class Tag { none, on_departure } tag = Tag::none;  // made once all traffic is on the candidate
};

// bad_input with file:line:column. An absent section is the default.
Result<Settings> parse_settings(const config::Node& train);

}  // namespace signalbox::train::ramp
