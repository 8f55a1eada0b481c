// The ramp as it was planned: which part of the traffic goes to the candidate, for how long, and what ends
// it.
#pragma once

#include <vector>

#include "core/base/clock.hpp"
#include "core/base/json.hpp"
#include "core/config/config.hpp"

namespace signalbox::train::ramp {

inline constexpr std::size_t kMaxWeights = 32;
inline constexpr Duration kMaxHold = std::chrono::hours(24 * 7);

// One part of the traffic, held until the judges have seen enough.
struct WeightStep {
  int percent = 0;  // of the traffic that the candidate gets: 1 to 99
  Duration hold{};
  bool operator==(const WeightStep&) const = default;
};

// Section `train.canary`. After the last weight all traffic goes to the candidate.
struct Plan {
  Duration baseline_before =
      std::chrono::minutes(60);  // the snapshot covers this time before the first weight
  Duration announce_before = std::chrono::minutes(30);
  std::vector<WeightStep> weights = {{5, std::chrono::minutes(15)},
                                     {25, std::chrono::minutes(15)},
                                     {50, std::chrono::minutes(15)}};  // rising; the first is 1 to 5
  Duration incident_after = std::chrono::minutes(10);  // without metrics, then the ramp is taken back
  Duration smoke_every = std::chrono::seconds(60);
  Duration rollback_budget = std::chrono::seconds(60);  // from detection to all traffic back
  Duration max_data_gap = std::chrono::minutes(2);      // in the data of a hold after a restart
  Duration look_every = std::chrono::seconds(1);        // how often judges are asked
  Duration lease = std::chrono::seconds(60);  // a controller that is silent for so long has lost its turn
  bool operator==(const Plan&) const = default;
};

// bad_input with file:line:column. Member `metrics` belongs to the judges and is not read here.
Result<Plan> parse_plan(const config::Node& canary);

// As a `begin` event holds it; durations in milliseconds.
Json to_json(const Plan& plan);
// bad_input where a member is missing, of another kind or out of its bounds.
Result<Plan> plan_from_json(const Json& json);

}  // namespace signalbox::train::ramp
