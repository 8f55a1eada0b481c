// The part of an address behind its '?': what a route takes there, and what a request says there.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/http/route.hpp"

namespace signalbox::http {

// For OpenAPI: it may be left out.
Parameter query_parameter(std::string name, std::string description, std::string type = "string");

// nullopt where it is not there, or empty.
std::optional<std::string> query_text(const Request& request, std::string_view name);

}  // namespace signalbox::http
