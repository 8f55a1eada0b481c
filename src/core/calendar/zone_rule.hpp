// The rule that a zone follows after the last change that its file lists.
#pragma once

#include "core/calendar/zone.hpp"

namespace signalbox::calendar {

// The stretch of the rule that holds at `instant`. Its regime is a part of `rule`.
Stretch stretch_of(const ZoneRule& rule, Instant instant);

}  // namespace signalbox::calendar
