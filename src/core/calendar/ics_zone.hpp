// VTIMEZONE, RFC 5545, 3.6.5: zones that travel within a calendar.
#pragma once

#include <string>

#include "core/calendar/ics_component.hpp"
#include "core/calendar/rrule.hpp"
#include "core/calendar/zone.hpp"

namespace signalbox::calendar {

// The zone that a VTIMEZONE describes, up to the year 2100.
Result<Zone> parse_vtimezone(const Component& component, std::string_view file, ExpansionBudget& budget);

// A VTIMEZONE that is right from `first` to `last`: yearly rules where the zone keeps one, else its changes
// one by one.
void append_vtimezone(std::string& out, const Zone& zone, Instant first, Instant last);

}  // namespace signalbox::calendar
