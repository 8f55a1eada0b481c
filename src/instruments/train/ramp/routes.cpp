#include "instruments/train/ramp/routes.hpp"

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/ramp/orders.hpp"
#include "instruments/train/ramp/ramp_board.hpp"
#include "instruments/train/ramp/ramp_report.hpp"
#include "instruments/train/ramp/ramp_story.hpp"
#include "instruments/train/ramp/station.hpp"
#include "instruments/train/serving.hpp"

namespace signalbox::train::ramp {
namespace {

using http::Request;
using http::Response;

constexpr std::size_t kMaxReasonBytes = 500;

Json ride_json(const Ride& ride, Time now) {
  Report report = ramp_report(ride.ramp, now);
  report.data.set("now", to_rfc3339(now));
  report.data.set("looks", looks_json(ride.events, ride.ramp));
  report.data.set("story", story_json(ride.events, ride.ramp));
  report.data.set("last_index", ride.ramp.last_index);
  return to_json(report);
}

Result<Response> standing(const Services& services, RampBoard& board, const Request& request) {
  SIGNALBOX_TRY(const std::shared_ptr<const Ride> ride, board.now(request.parameters.at("id")));
  Response response = Response::json(ride_json(*ride, services.clock.now()));
  response.headers = {{"Cache-Control", "no-cache"}};
  return response;
}

// An event each time that the log tells something new of the train. Its id is the index of that entry.
Result<std::string> stream(const Services& services, RampBoard& board, const Request& request,
                           const std::string& last_id, http::EventSink& sink) {
  const auto ride = board.now(request.parameters.at("id"));
  if (!ride) {
    if (last_id != "none") sink.send("problem", "none", Response::problem(ride.error()).body);
    return "none";
  }
  const std::string id = std::to_string((*ride)->ramp.last_index);
  if (id != last_id) sink.send("ramp", id, ride_json(**ride, services.clock.now()).dump());
  return id;
}

// {"order": "pause", "reason": "…"}
Result<OrderEvent> order_of(const Request& request) {
  SIGNALBOX_TRY(const Json body, parse_json(request.body));
  const std::string_view wanted = body["order"].as_string();
  const std::string_view reason = body["reason"].as_string();
  if (reason.size() > kMaxReasonBytes)
    return fail(ErrorKind::bad_input, fmt::format("$.reason: at most {} octets", kMaxReasonBytes));
  for (const auto what : {OrderEvent::What::pause, OrderEvent::What::resume, OrderEvent::What::abort,
                          OrderEvent::What::rollback}) {
    if (name_of(what) != wanted) continue;
    // The server signs; who asked it to is in the reason.
    std::string text = fmt::format("asked for by {} at the console", request.principal.name);
    if (!reason.empty()) text += fmt::format(": {}", printable(reason));
    return OrderEvent{what, {}, std::move(text)};
  }
  return fail(ErrorKind::bad_input, "$.order: pause, resume, abort or rollback");
}

// Writes the order down; whoever holds the lease carries it out. Nothing runs here.
Result<Response> order(const Services& services, RampBoard& board, const Request& request) {
  SIGNALBOX_TRY(const OrderEvent wanted, order_of(request));
  const std::string& train = request.parameters.at("id");
  SIGNALBOX_TRY(const std::shared_ptr<const Ride> before, board.read(train));
  SIGNALBOX_CHECK(check_order(before->ramp, wanted.what));
  if (services.signing_key) SIGNALBOX_CHECK(check_own_key(services.signing_key->public_key(), before->trust));
  const auto read = [&]() -> Result<TrainEvents> {
    SIGNALBOX_TRY(const std::shared_ptr<const Ride> ride, board.read(train));
    return ride->events;
  };
  const auto write = [&](const NewEvent& event, std::int64_t expected_last) {
    return append_signed(services, event, expected_last,
                         fmt::format("signalbox train {} {}", name_of(wanted.what), train));
  };
  SIGNALBOX_TRY(const std::uint64_t index, give_order({read, write}, wanted));
  SIGNALBOX_TRY(const std::shared_ptr<const Ride> after, board.read(train));
  const Time now = services.clock.now();
  const bool somebody_acts = after->ramp.lease && after->ramp.lease->expires > now;
  return Response::json(
      Json::object({{"evidence", index},
                    {"somebody_acts", somebody_acts},
                    {"next", somebody_acts ? std::string() : "signalbox train depart " + train},
                    {"ramp", ride_json(*after, now)}}),
      202);
}

http::Route route_of_train(std::string_view what, std::string summary) {
  http::Route route;
  route.path = "/api/v1/train/trains/{id}" + std::string(what);
  route.summary = std::move(summary);
  route.parameters = {train_parameter()};
  return route;
}

}  // namespace

std::vector<http::Route> routes(std::shared_ptr<const Services> services) {
  const auto board = std::make_shared<RampBoard>(services);
  http::Route one = route_of_train(
      "/ramp", "Where a train on its way stands: weights, the hold, what the judges said, what happened");
  one.response_schema = "report-v1";
  one.handle = [services, board](const Request& request) { return standing(*services, *board, request); };
  http::Route live = route_of_train("/ramp/stream", "The same, as server-sent events as the log grows");
  live.events = [services, board](const Request& request, const std::string& last_id, http::EventSink& sink) {
    return stream(*services, *board, request, last_id, sink);
  };
  http::Route orders = route_of_train(
      "/orders", "Ask whoever carries the train out to pause, resume, abort or roll back: {order, reason}");
  orders.method = http::Method::post;
  orders.role = http::Role::operator_;
  orders.handle = [services, board](const Request& request) { return order(*services, *board, request); };
  return {std::move(one), std::move(live), std::move(orders)};
}

}  // namespace signalbox::train::ramp
