// What the server offers of trains and their passengers. Read only.
#pragma once

#include <memory>
#include <vector>

#include "core/console/instrument.hpp"

namespace signalbox::train {

std::vector<http::Route> boarding_routes(std::shared_ptr<const Services> services);

}  // namespace signalbox::train
