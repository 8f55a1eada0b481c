// A time zone that a configuration names.
#pragma once

#include "core/calendar/zone.hpp"
#include "core/config/config.hpp"

namespace signalbox::gates {

// "Europe/Berlin", "UTC", or a fixed offset like "+01:00"; absent: UTC. bad_input at the node's place where
// it is none of them; unavailable where the system has no zone files.
Result<calendar::Zone> parse_zone_node(const config::Node& node);

}  // namespace signalbox::gates
