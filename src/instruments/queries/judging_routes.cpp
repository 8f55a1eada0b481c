// What the server tells of what is judged: indexes that are lacking, a span beside another, what became slow,
// and incidents. It reads alone: nothing is measured, opened or ended from here.
#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/http/query.hpp"
#include "instruments/queries/advice/advice.hpp"
#include "instruments/queries/analysis/compared_plans.hpp"
#include "instruments/queries/analysis/compared_side.hpp"
#include "instruments/queries/analysis/incident_report.hpp"
#include "instruments/queries/analysis/triage.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/kept/kept_advice.hpp"
#include "instruments/queries/route_span.hpp"
#include "instruments/queries/routes.hpp"

namespace signalbox::queries {
namespace {

using http::query_parameter;
using http::query_text;
using http::Request;
using http::Response;

constexpr std::size_t kStatements = 20;  // that advice is made of, as `advise` does

Result<KeptServer> server_of(KeptStatements& kept, const Request& request) {
  return kept.find_server(query_text(request, "server").value_or(""));
}

Result<Duration> duration_in(const Request& request, std::string_view name, Duration usual) {
  const auto text = query_text(request, name);
  if (!text) return usual;
  const auto time = parse_duration(*text);
  if (!time || *time < kShortestTriaged)
    return fail(ErrorKind::bad_input, fmt::format("{}: is no time of 2 s or more", name), "for example 5m");
  return *time;
}

Result<Response> advice(const Services& services, const Request& request) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements kept(*database);
  SIGNALBOX_TRY(const RouteSpan asked, asked_of(kept, request, services.clock.now()));
  SIGNALBOX_TRY(Workload workload, read_workload(*database, asked.server.id, asked.span,
                                                 query_text(request, "database").value_or(""), kStatements));
  const std::string name = workload.database;
  Report report = advice_report(propose(std::move(workload), {}));
  SIGNALBOX_TRY(auto measured, KeptAdvice(*database).find(asked.server.id, name));
  report.data.set("proven", measured ? Json::object({{"at", to_rfc3339(measured->at)},
                                                     {"advice", std::move(measured->data)}})
                                     : Json());
  return Response::json(to_json(report));
}

Result<Response> comparison(const Services& services, const Request& request) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements kept(*database);
  SIGNALBOX_TRY(const KeptServer server, server_of(kept, request));
  const Time now = services.clock.now();
  SIGNALBOX_TRY(const Span before, span_of(query_text(request, "baseline").value_or(""), "baseline", now));
  SIGNALBOX_TRY(const Span after, span_of(query_text(request, "candidate").value_or(""), "candidate", now));
  SIGNALBOX_TRY(const ComparedSide first, read_side(*database, server, before));
  SIGNALBOX_TRY(const ComparedSide second, read_side(*database, server, after));
  const ComparisonInput input = compared(first, second);
  const Comparison found = compare(input, {});
  Report report = compare_report(found, input, to_rfc3339(before.since) + " to " + to_rfc3339(before.until),
                                 to_rfc3339(after.since) + " to " + to_rfc3339(after.until));
  SIGNALBOX_TRY(Json plans, compared_plans_json(*database, server.id, found, before, after));
  report.data.set("plans", std::move(plans));
  return Response::json(to_json(report));
}

Result<Response> triage_of(const Services& services, const Request& request) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements kept(*database);
  SIGNALBOX_TRY(const KeptServer server, server_of(kept, request));
  SIGNALBOX_TRY(const Time until, time_in(request, "until", server.seen, services.clock.now()));
  SIGNALBOX_TRY(const Duration recent, duration_in(request, "recent", kUsualRecent));
  SIGNALBOX_TRY(const Duration earlier, duration_in(request, "before", kUsualBefore));
  const Span after{until - recent, until};
  SIGNALBOX_TRY(const TriageInput input,
                read_triage(*database, server.id, {after.since - earlier, after.since}, after));
  return Response::json(to_json(triage_report(triage(input), input, server)));
}

Result<Response> incidents(const Services& services, const Request& request) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements kept(*database);
  SIGNALBOX_TRY(const KeptServer server, server_of(kept, request));
  SIGNALBOX_TRY(const auto all, KeptIncidents(*database).list(server.id));
  Json list = Json::array();
  for (const Incident& each : all) {
    list.push_back(Json::object({{"id", each.id},
                                 {"name", escape_invalid_utf8(each.name)},
                                 {"began", to_rfc3339(each.began)},
                                 {"ended", each.ended ? Json(to_rfc3339(*each.ended)) : Json()}}));
  }
  return Response::json(Json::object({{"server", server.name}, {"incidents", std::move(list)}}));
}

// One that has ended is told as it was written down then.
Result<Response> incident(const Services& services, const Request& request) {
  const auto number = parse_integer(request.parameters.at("id"));
  if (!number || *number < 1) return fail(ErrorKind::bad_input, "an incident has a number");
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements kept(*database);
  SIGNALBOX_TRY(const KeptServer server, server_of(kept, request));
  SIGNALBOX_TRY(const Incident found, KeptIncidents(*database).find(server.id, *number));
  if (found.ended) {
    Response out;
    out.body = found.bundle;
    return out;
  }
  SIGNALBOX_TRY(const Report report,
                incident_report(*database, server, found, services.clock.now(), kUsualBefore));
  return Response::json(to_json(report));
}

}  // namespace

std::vector<http::Route> judging_routes(const std::shared_ptr<const Services>& services) {
  const auto answered = [&](Result<Response> (*handle)(const Services&, const Request&)) -> http::Handler {
    return [services, handle](const Request& request) { return handle(*services, request); };
  };
  std::vector<http::Route> out;
  std::vector<http::Parameter> of_advice = span_parameters();
  of_advice.push_back(query_parameter("database", "by default that whose statements took most time"));
  out.push_back(report_route("/advice", "Indexes that a database lacks: ideas, and what was proven on a copy",
                             std::move(of_advice), answered(advice)));
  out.push_back(report_route(
      "/compare", "Whether statements became slower from one span of time to another",
      {server_parameter(),
       {"baseline", http::Parameter::In::query, "TIME/TIME, each RFC 3339 or so long ago", true, "string"},
       {"candidate", http::Parameter::In::query, "what is judged, likewise", true, "string"}},
      answered(comparison)));
  out.push_back(report_route(
      "/triage", "What became slow, why, and what to do",
      {server_parameter(), query_parameter("until", "as it was then; at the last reading by default"),
       query_parameter("recent", "how long the last minutes are; 5m"),
       query_parameter("before", "what they are compared with; 30m")},
      answered(triage_of)));
  out.push_back(route("/incidents", "Incidents of a server", {server_parameter()}, answered(incidents)));
  out.push_back(
      report_route("/incidents/{id}", "What is known of an incident",
                   {server_parameter(), {"id", http::Parameter::In::path, "its number", true, "string"}},
                   answered(incident)));
  return out;
}

}  // namespace signalbox::queries
