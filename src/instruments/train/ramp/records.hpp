// What a ramp leaves behind: train/canary/v1, train/departure/v1, train/rollback/v1. Pure.
#pragma once

#include "instruments/train/ramp/ramp_state.hpp"

namespace signalbox::train::ramp {

Json canary_predicate(const Ramp& ramp);
Json departure_predicate(const Ramp& ramp, Time now);
Json rollback_predicate(const Ramp& ramp, Time now);

}  // namespace signalbox::train::ramp
