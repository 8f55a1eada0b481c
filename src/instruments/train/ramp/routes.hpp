// What the server offers of a train on its way: where it stands, as it changes, and orders of people to
// whoever carries it out.
#pragma once

#include <memory>
#include <vector>

#include "core/console/instrument.hpp"

namespace signalbox::train::ramp {

std::vector<http::Route> routes(std::shared_ptr<const Services> services);

}  // namespace signalbox::train::ramp
