// The API of kept plans, and a plan for an order that is asked over it.
#pragma once

#include <memory>
#include <vector>

#include "core/console/instrument.hpp"

namespace signalbox::pack {

std::vector<http::Route> routes(const std::shared_ptr<const Services>& services);

}  // namespace signalbox::pack
