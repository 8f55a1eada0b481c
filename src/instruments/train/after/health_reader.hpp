// Asks the metrics server of the policy about a release.
#pragma once

#include "instruments/train/after/health.hpp"
#include "instruments/train/policy.hpp"

namespace signalbox::train::after {

// conflict where the train has neither left nor been taken back.
Result<Health> read_health(const TrainEvents& events, const Policy& policy, Time now);

}  // namespace signalbox::train::after
