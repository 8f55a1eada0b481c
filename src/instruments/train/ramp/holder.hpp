// Which process acts for a ramp, so that another on the same machine sees at once when it has ended.
#pragma once

#include "instruments/train/ramp/ramp_event.hpp"

namespace signalbox::train::ramp {

// This process.
Holder this_holder();
// Known to have ended. False where it runs on another machine, or where nobody can tell: then its lease must
// expire.
bool has_ended(const Holder& holder);

}  // namespace signalbox::train::ramp
