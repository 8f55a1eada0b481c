// The API of the station where orders are packed.
#pragma once

#include <memory>
#include <vector>

#include "core/console/instrument.hpp"

namespace signalbox::pack {

std::vector<http::Route> station_routes(const std::shared_ptr<const Services>& services);

}  // namespace signalbox::pack
