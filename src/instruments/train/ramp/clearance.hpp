// What must hold of a train before its first step, as far as one look at time, past and traffic tells.
#pragma once

#include "instruments/train/ramp/driver.hpp"
#include "instruments/train/ramp/ramp_state.hpp"

namespace signalbox::train::ramp {

// Its countdown has begun. conflict, saying when it does.
Status check_time(const std::string& train, Time departs, const Plan& plan, Time now);
// It has not departed, and is not stuck. conflict otherwise.
Status check_past(const Ramp& ramp);
// No traffic is on a candidate yet, as far as the driver knows. unavailable where it cannot tell: where the
// traffic goes is known before any of it is moved.
Status check_traffic(const Observation& seen, const std::string& driver);

}  // namespace signalbox::train::ramp
