// What the server tells of statements that are kept.
#pragma once

#include <memory>
#include <vector>

#include "core/console/instrument.hpp"

namespace signalbox::queries {

std::vector<http::Route> routes(const std::shared_ptr<const Services>& services);
// Of them those that judge: advice, comparisons, triage, incidents.
std::vector<http::Route> judging_routes(const std::shared_ptr<const Services>& services);

}  // namespace signalbox::queries
