#include "instruments/queries/route_span.hpp"

#include "core/http/query.hpp"
#include "instruments/queries/commands.hpp"

namespace signalbox::queries {

Result<Time> time_in(const http::Request& request, std::string_view name, Time usual, Time now) {
  const auto text = http::query_text(request, name);
  if (!text) return usual;
  return time_of(*text, name, now);
}

Result<RouteSpan> asked_of(KeptStatements& kept, const http::Request& request, Time now) {
  RouteSpan out;
  SIGNALBOX_TRY(out.server, kept.find_server(http::query_text(request, "server").value_or("")));
  SIGNALBOX_TRY(out.span.until, time_in(request, "until", out.server.seen, now));
  SIGNALBOX_TRY(out.span.since, time_in(request, "since", out.span.until - kUsualSpan, now));
  if (out.span.since >= out.span.until) return fail(ErrorKind::bad_input, "since: is not before until");
  return out;
}

http::Parameter server_parameter() {
  return http::query_parameter("server", "which of several that are watched");
}

std::vector<http::Parameter> span_parameters() {
  return {server_parameter(),
          http::query_parameter("since", "RFC 3339, or a time back as 15m, which is usual"),
          http::query_parameter("until", "RFC 3339; the last reading by default")};
}

http::Route route(std::string path, std::string summary, std::vector<http::Parameter> parameters,
                  http::Handler handle) {
  http::Route out;
  out.path = "/api/v1/queries" + std::move(path);
  out.summary = std::move(summary);
  out.parameters = std::move(parameters);
  out.handle = std::move(handle);
  return out;
}

http::Route report_route(std::string path, std::string summary, std::vector<http::Parameter> parameters,
                         http::Handler handle) {
  http::Route out = route(std::move(path), std::move(summary), std::move(parameters), std::move(handle));
  out.response_schema = "report-v1";
  return out;
}

}  // namespace signalbox::queries
