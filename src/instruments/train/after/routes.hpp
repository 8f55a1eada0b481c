// What the server tells of the time after a departure: reviews, actions, runbook, health, delivery measures.
// Read only.
#pragma once

#include <memory>
#include <vector>

#include "core/console/instrument.hpp"

namespace signalbox::train::after {

std::vector<http::Route> after_routes(std::shared_ptr<const Services> services);

}  // namespace signalbox::train::after
