#include "instruments/queries/routes.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/http/query.hpp"
#include "instruments/queries/analysis/load.hpp"
#include "instruments/queries/analysis/sessions_report.hpp"
#include "instruments/queries/analysis/statement_story.hpp"
#include "instruments/queries/analysis/summary.hpp"
#include "instruments/queries/analysis/top.hpp"
#include "instruments/queries/kept/kept_locks.hpp"
#include "instruments/queries/logs/lock_report.hpp"
#include "instruments/queries/plans/plan_reader.hpp"
#include "instruments/queries/plans/plan_report.hpp"
#include "instruments/queries/route_span.hpp"

namespace signalbox::queries {
namespace {

using http::query_parameter;
using http::query_text;
using http::Request;
using http::Response;

constexpr std::size_t kUsualRows = 20;
constexpr long long kMaxRows = 1'000;

Result<TopOptions> options_of(const Request& request) {
  TopOptions out;
  const std::string by = query_text(request, "by").value_or("total");
  const auto order = top_order_from(by);
  if (!order) {
    return fail(ErrorKind::bad_input,
                fmt::format("by: `{}` is none of {}", printable(by), join(top_order_names(), ", ")));
  }
  out.order = *order;
  const std::string key = query_text(request, "key").value_or("queryid");
  if (key != "queryid" && key != "fingerprint")
    return fail(ErrorKind::bad_input, "key: is neither queryid nor fingerprint");
  out.key = key == "queryid" ? TopKey::queryid : TopKey::fingerprint;
  out.nested = query_text(request, "nested").value_or("") == "true";
  out.rows = kUsualRows;
  if (const auto text = query_text(request, "rows")) {
    const auto rows = parse_integer(*text);
    if (!rows || *rows < 1 || *rows > kMaxRows)
      return fail(ErrorKind::bad_input, fmt::format("rows: is no number from 1 to {}", kMaxRows));
    out.rows = static_cast<std::size_t>(*rows);
  }
  return out;
}

Result<Response> servers(const Services& services) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements kept(*database);
  SIGNALBOX_TRY(const auto all, kept.servers());
  Json out = Json::array();
  for (const KeptServer& each : all) {
    out.push_back(Json::object({{"name", each.name},
                                {"address", each.address},
                                {"version", each.version},
                                {"seen", to_rfc3339(each.seen)}}));
  }
  return Response::json(Json::object({{"servers", std::move(out)}}));
}

Result<Response> top(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const TopOptions options, options_of(request));
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements kept(*database);
  SIGNALBOX_TRY(const RouteSpan asked, asked_of(kept, request, services.clock.now()));
  SIGNALBOX_TRY(const SpanTotals totals, kept.totals(asked.server.id, asked.span));
  SIGNALBOX_TRY(const Top found, ranked(kept, asked.server.id, asked.span, options));
  SIGNALBOX_TRY(const ProcessorUse processor, KeptSessions(*database).processor(asked.server.id, asked.span));
  return Response::json(to_json(top_report(found, asked.server, totals, processor)));
}

Result<Response> summary(const Services& services, const Request& request) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements kept(*database);
  SIGNALBOX_TRY(const RouteSpan asked, asked_of(kept, request, services.clock.now()));
  SIGNALBOX_TRY(const SpanTotals totals, kept.totals(asked.server.id, asked.span));
  SIGNALBOX_TRY(const auto points, kept.timeline(asked.server.id, asked.span));
  SIGNALBOX_TRY(const auto instance, KeptSessions(*database).instance(asked.server.id, asked.span));
  SIGNALBOX_TRY(const ProcessorUse processor, KeptSessions(*database).processor(asked.server.id, asked.span));
  Json out = summary_json(asked.server, totals, points, instance);
  out.set("processor", processor_json(processor));
  return Response::json(out);
}

Result<Response> one(const Services& services, const Request& request) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements kept(*database);
  SIGNALBOX_TRY(const RouteSpan asked, asked_of(kept, request, services.clock.now()));
  SIGNALBOX_TRY(const StatementStory story,
                read_story(*database, asked.server.id, request.parameters.at("key"), asked.span));
  return Response::json(to_json(statement_report(story, asked.server)));
}

Result<SessionDimension> dimension_of(const Request& request) {
  const std::string by = query_text(request, "by").value_or("wait");
  for (std::size_t i = 0; i < std::size(kSessionDimensions); ++i) {
    if (by == kSessionDimensions[i]) return static_cast<SessionDimension>(i);
  }
  return fail(ErrorKind::bad_input,
              fmt::format("by: `{}` is none of {}", printable(by), fmt::join(kSessionDimensions, ", ")));
}

Result<Response> active(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const SessionDimension by, dimension_of(request));
  std::optional<std::int64_t> query;
  if (const auto text = query_text(request, "queryid")) {
    query = parse_integer(*text);
    if (!query) return fail(ErrorKind::bad_input, "queryid: is no number");
  }
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements statements(*database);
  KeptSessions kept(*database);
  SIGNALBOX_TRY(const RouteSpan asked, asked_of(statements, request, services.clock.now()));
  SIGNALBOX_TRY(const auto shares, kept.shares(asked.server.id, asked.span, by, query));
  SIGNALBOX_TRY(const auto timeline, kept.timeline(asked.server.id, asked.span, by, query));
  SIGNALBOX_TRY(const ProcessorUse processor, kept.processor(asked.server.id, asked.span, query));
  return Response::json(to_json(active_report(shares, timeline, by, processor, asked.server, asked.span)));
}

Result<Response> load(const Services& services, const Request& request) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements statements(*database);
  SIGNALBOX_TRY(const RouteSpan asked, asked_of(statements, request, services.clock.now()));
  SIGNALBOX_TRY(const Load found, read_load(*database, asked.server, asked.span));
  return Response::json(load_json(found, asked.server));
}

Result<Response> locks(const Services& services, const Request& request) {
  constexpr std::size_t kMoments = 600;
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements statements(*database);
  KeptSessions kept(*database);
  SIGNALBOX_TRY(const RouteSpan asked, asked_of(statements, request, services.clock.now()));
  SIGNALBOX_TRY(const auto moments, kept.blocked_moments(asked.server.id, asked.span, kMoments));
  SIGNALBOX_TRY(const Time at,
                time_in(request, "at", moments.empty() ? Time{} : moments.back(), services.clock.now()));
  SIGNALBOX_TRY(const auto sessions, kept.blocked_at(asked.server.id, at));
  SIGNALBOX_TRY(const LockEvents events, KeptLocks(*database).read(asked.server.id, asked.span));
  Report report = blocking_report(sessions, moments, asked.server);
  add_lock_events(events, report);
  return Response::json(to_json(report));
}

Result<Plan> kept_plan(KeptPlans& plans, std::int64_t server, const std::string& id, PlanSample& sample) {
  const auto number = parse_integer(id);
  if (!number) return fail(ErrorKind::bad_input, "a plan has a number");
  SIGNALBOX_TRY(sample, plans.find(server, *number));
  return read_plan(sample.plan);
}

Result<Response> plan(const Services& services, const Request& request) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements statements(*database);
  KeptPlans plans(*database);
  SIGNALBOX_TRY(const KeptServer server, statements.find_server(query_text(request, "server").value_or("")));
  PlanSample sample;
  SIGNALBOX_TRY(const Plan found, kept_plan(plans, server.id, request.parameters.at("id"), sample));
  Report report = plan_report(found, "Plan " + request.parameters.at("id"), ShowDiagnoses::yes);
  report.data.set("at", to_rfc3339(sample.at));
  report.data.set("duration_ms", sample.duration_ms);
  report.data.set("source", sample.source);
  report.data.set("queryid", std::to_string(sample.query_id));
  report.data.set("fingerprint", sample.fingerprint);
  return Response::json(to_json(report));
}

Result<Response> plan_diff(const Services& services, const Request& request) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements statements(*database);
  KeptPlans plans(*database);
  SIGNALBOX_TRY(const KeptServer server, statements.find_server(query_text(request, "server").value_or("")));
  PlanSample first, second;
  SIGNALBOX_TRY(const Plan before, kept_plan(plans, server.id, request.parameters.at("before"), first));
  SIGNALBOX_TRY(const Plan after, kept_plan(plans, server.id, request.parameters.at("after"), second));
  Report report = plan_diff_report(before, after);
  Json findings = plan_json(after, diagnose(after))["findings"];
  report.data.set("findings", std::move(findings));
  report.data.set("before_at", to_rfc3339(first.at));
  report.data.set("after_at", to_rfc3339(second.at));
  report.data.set("before_ms", first.duration_ms);
  report.data.set("after_ms", second.duration_ms);
  return Response::json(to_json(report));
}

// Its id is when each server was read last.
Result<std::string> stream(const Services& services, const std::string& last_id, http::EventSink& sink) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  KeptStatements kept(*database);
  SIGNALBOX_TRY(const auto all, kept.servers());
  std::string id;
  for (const KeptServer& each : all)
    id += fmt::format("{}-{} ", each.id, each.seen.time_since_epoch().count());
  if (id != last_id)
    sink.send("reading", id, Json::object({{"servers", static_cast<std::int64_t>(all.size())}}).dump());
  return id;
}

}  // namespace

std::vector<http::Route> routes(const std::shared_ptr<const Services>& services) {
  std::vector<http::Route> out;
  out.push_back(route("/servers", "The servers that are watched", {},
                      [services](const Request&) { return servers(*services); }));
  out.push_back(route("/summary", "How much was asked of a server, and what it cost, over time",
                      span_parameters(),
                      [services](const Request& request) { return summary(*services, request); }));
  std::vector<http::Parameter> ranking = span_parameters();
  ranking.push_back(query_parameter("by", join(top_order_names(), ", ")));
  ranking.push_back(query_parameter("key", "queryid or fingerprint"));
  ranking.push_back(query_parameter("rows", "20, at most 1,000", "integer"));
  ranking.push_back(query_parameter("nested", "true: statements inside functions too"));
  out.push_back(route("/top", "The statements that cost most", std::move(ranking),
                      [services](const Request& request) { return top(*services, request); }));
  out.back().response_schema = "report-v1";
  std::vector<http::Parameter> of_sessions = span_parameters();
  of_sessions.push_back(query_parameter("by", "wait, event, query, user, app, host, db"));
  of_sessions.push_back(query_parameter("queryid", "of this statement alone"));
  out.push_back(route("/ash", "How many sessions were at work, and what they waited for",
                      std::move(of_sessions),
                      [services](const Request& request) { return active(*services, request); }));
  out.back().response_schema = "report-v1";
  out.push_back(route("/load", "The load of a span beside the cores there are, and who made it",
                      span_parameters(),
                      [services](const Request& request) { return load(*services, request); }));
  std::vector<http::Parameter> of_locks = span_parameters();
  of_locks.push_back(query_parameter("at", "the moment; the last one by default"));
  out.push_back(route("/locks", "Who waited for whom", std::move(of_locks),
                      [services](const Request& request) { return locks(*services, request); }));
  out.back().response_schema = "report-v1";
  out.push_back(route("/plans/{id}", "A plan that is kept, and what is wrong with it",
                      {query_parameter("server", "which of several that are watched"),
                       {"id", http::Parameter::In::path, "its number", true, "string"}},
                      [services](const Request& request) { return plan(*services, request); }));
  out.back().response_schema = "report-v1";
  out.push_back(route("/plans/{before}/diff/{after}", "What became of a plan",
                      {query_parameter("server", "which of several that are watched"),
                       {"before", http::Parameter::In::path, "a plan's number", true, "string"},
                       {"after", http::Parameter::In::path, "another's", true, "string"}},
                      [services](const Request& request) { return plan_diff(*services, request); }));
  out.back().response_schema = "report-v1";
  http::Route events = route("/stream", "That a server was read again, as server-sent events", {}, {});
  events.events = [services](const Request&, const std::string& last_id, http::EventSink& sink) {
    return stream(*services, last_id, sink);
  };
  out.push_back(std::move(events));
  std::vector<http::Parameter> of_one = span_parameters();
  of_one.push_back({"key", http::Parameter::In::path, "a queryid or a fingerprint", true, "string"});
  out.push_back(route("/q/{key}", "One statement: its text, what it cost, how that went", std::move(of_one),
                      [services](const Request& request) { return one(*services, request); }));
  out.back().response_schema = "report-v1";
  for (http::Route& each : judging_routes(services)) out.push_back(std::move(each));
  return out;
}

}  // namespace signalbox::queries
