// The OpenAPI 3.1 description of a server's routes.
#pragma once

#include <string_view>
#include <vector>

#include "core/http/route.hpp"

namespace signalbox::http {

// https://spec.openapis.org/oas/v3.1.0: each route that has a summary, with its parameters, body, answers and
// role. `version` is Signalbox's.
Json openapi(const std::vector<Route>& routes, std::string_view version);

}  // namespace signalbox::http
