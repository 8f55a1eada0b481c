// What the routes have in common: a server and a span that are asked of it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/http/route.hpp"
#include "instruments/queries/kept/kept_statements.hpp"

namespace signalbox::queries {

struct RouteSpan {
  KeptServer server;
  Span span;
};

// RFC 3339, or so long ago; `usual` where the request does not say. bad_input.
Result<Time> time_in(const http::Request& request, std::string_view name, Time usual, Time now);
// The last 15 minutes before the last reading, where the request does not say.
Result<RouteSpan> asked_of(KeptStatements& kept, const http::Request& request, Time now);

http::Parameter server_parameter();
std::vector<http::Parameter> span_parameters();
http::Route route(std::string path, std::string summary, std::vector<http::Parameter> parameters,
                  http::Handler handle);
// The same, which answers with a Report.
http::Route report_route(std::string path, std::string summary, std::vector<http::Parameter> parameters,
                         http::Handler handle);

}  // namespace signalbox::queries
