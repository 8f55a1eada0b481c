// Times as people type them on a command line or in an address.
#pragma once

#include <string_view>

#include "core/base/clock.hpp"
#include "core/calendar/zone.hpp"

namespace signalbox::train::schedule {

// "now", "+7d" and "-30d" from now, RFC 3339, or a wall time of the zone: "2026-12-01", "2026-12-01T10:00".
Result<Time> parse_time_text(std::string_view text, Time now, const calendar::Zone& zone);

}  // namespace signalbox::train::schedule
