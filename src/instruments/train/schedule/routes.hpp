// What the server tells about the schedule.
#pragma once

#include <memory>
#include <vector>

#include "core/console/instrument.hpp"

namespace signalbox::train::schedule {

std::vector<http::Route> schedule_routes(std::shared_ptr<const Services> services);

}  // namespace signalbox::train::schedule
