// Which process acts for a ramp, so that another on the same machine sees at once when it has ended.
#pragma once

#include <optional>
#include <string>

#include "instruments/train/ramp/ramp_event.hpp"

namespace signalbox::train::ramp {

// This process.
Holder this_holder();
// Whether the text of /proc/PID/stat proves that the process that began then has ended: it is dead, or the id
// is another's. A text that is absent or no such line proves nothing.
bool proves_end(const std::optional<std::string>& stat, std::int64_t started);
// Known to have ended. False where it runs on another machine, or where nobody can tell: then its lease must
// expire.
bool has_ended(const Holder& holder);

}  // namespace signalbox::train::ramp
