// What the server tells of kept profiles, and how it is given more.
#pragma once

#include <memory>
#include <vector>

#include "core/console/instrument.hpp"

namespace signalbox::profile {

std::vector<http::Route> routes(std::shared_ptr<const Services> services);

}  // namespace signalbox::profile
