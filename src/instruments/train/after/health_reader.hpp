// Asks the metrics server of the policy about a release.
#pragma once

#include "instruments/train/after/health.hpp"
#include "instruments/train/policy.hpp"

namespace signalbox::train::after {

// conflict where the train has neither left nor been taken back; denied where the configuration that names
// the server is not allowed here: an address and a token are somebody's words too.
Result<Health> read_health(const TrainEvents& events, const Policy& policy, Time now);

}  // namespace signalbox::train::after
