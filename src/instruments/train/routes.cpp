#include "instruments/train/routes.hpp"

#include "core/http/query.hpp"
#include "instruments/train/after/routes.hpp"
#include "instruments/train/boarding/routes.hpp"
#include "instruments/train/decision_board.hpp"
#include "instruments/train/gating/webhook_routes.hpp"
#include "instruments/train/plan_report.hpp"
#include "instruments/train/ramp/routes.hpp"
#include "instruments/train/schedule/routes.hpp"
#include "instruments/train/serving.hpp"
#include "instruments/train/train_routes.hpp"

namespace signalbox::train {
namespace {

using http::query_parameter;
using http::query_text;
using http::Request;
using http::Response;

Result<Response> plan(const Services& services, const Request& request) {
  PlanQuery query;
  query.head = query_text(request, "head").value_or("HEAD");
  query.base = query_text(request, "base");
  query.package = query_text(request, "package");
  query.channel = query_text(request, "channel");
  SIGNALBOX_TRY(const Plan found, read_plan(services.workspace, query));
  return Response::json(to_json(plan_report(found, SIZE_MAX)));
}

Result<Response> decision(DecisionBoard& board) {
  const DecisionBoard::Answer answer = board.now();
  if (!answer.report) return fail(answer.error);
  Response response;
  response.shared_body = answer.report;
  response.headers = {{"Cache-Control", "no-cache"}};
  return response;
}

Result<std::string> stream(DecisionBoard& board, const std::string& last_id, http::EventSink& sink) {
  const DecisionBoard::Answer answer = board.now();
  const std::string id = answer.id.empty() ? std::string("none") : answer.id;
  if (id == last_id) return last_id;
  if (answer.report) {
    sink.send("decision", id, *answer.report);
  } else {
    sink.send("problem", id, Response::problem(answer.error).body);
  }
  return id;
}

std::vector<http::Route> routes_of_head(const std::shared_ptr<const Services>& services,
                                        const std::shared_ptr<DecisionBoard>& board) {
  const std::string api = "/api/v1/train";
  http::Route plan_route;
  plan_route.path = api + "/plan";
  plan_route.summary = "Who is aboard, the next version, and notes";
  plan_route.parameters = {query_parameter("base", "count from here"),
                           query_parameter("head", "by default HEAD"),
                           query_parameter("package", "of tags like NAME@1.2.3"),
                           query_parameter("channel", "stable, or a pre-release")};
  plan_route.response_schema = "report-v1";
  plan_route.handle = [services](const Request& request) { return plan(*services, request); };
  http::Route decision_route;
  decision_route.path = api + "/decision";
  decision_route.summary = "GO or NO-GO for HEAD, judged now and not recorded";
  decision_route.response_schema = "report-v1";
  decision_route.handle = [board](const Request&) { return decision(*board); };
  http::Route stream_route;
  stream_route.path = api + "/stream";
  stream_route.summary = "The decision, as server-sent events whenever it may have changed";
  stream_route.events = [board](const Request&, const std::string& last_id, http::EventSink& sink) {
    return stream(*board, last_id, sink);
  };
  return {std::move(plan_route), std::move(decision_route), std::move(stream_route)};
}

}  // namespace

std::vector<http::Route> routes(std::shared_ptr<const Services> services) {
  const auto board = std::make_shared<DecisionBoard>(services);
  std::vector<http::Route> out = routes_of_head(services, board);
  const auto add = [&](std::vector<http::Route> more) {
    std::move(more.begin(), more.end(), std::back_inserter(out));
  };
  add(boarding_routes(services));
  add(schedule::schedule_routes(services));
  add(train_routes(services, board));
  add(ramp::routes(services));
  add(webhook_routes(services));
  add(after::after_routes(services));
  return out;
}

}  // namespace signalbox::train
