// What the server offers of the train: the plan, the decision, and the decision as it changes.
#pragma once

#include <memory>
#include <vector>

#include "core/console/instrument.hpp"

namespace signalbox::train {

std::vector<http::Route> routes(std::shared_ptr<const Services> services);

}  // namespace signalbox::train
