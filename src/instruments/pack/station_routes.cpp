#include "instruments/pack/station_routes.hpp"

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/http/query.hpp"
#include "instruments/pack/kept/plan_store.hpp"
#include "instruments/pack/station/completion_store.hpp"

namespace signalbox::pack {
namespace {

constexpr std::int64_t kListed = 200;

using http::Request;
using http::Response;

Json list_json(const std::vector<Completion>& completions) {
  Json out = Json::array();
  for (const Completion& each : completions) out.push_back(to_json(each));
  return out;
}

// The plan that a scanned code means: the newest of the order of that name, or the plan of that id.
Result<std::string> plan_of_scan(PlanStore& plans, const std::string& scan) {
  SIGNALBOX_TRY(const auto of_order, plans.list(PlanStore::Sorting::newest, scan, 1));
  if (!of_order.empty()) return of_order[0].id;
  const auto document = plans.document(scan);
  if (document) return scan;
  if (document.error().kind != ErrorKind::not_found) return fail(document.error());
  return fail(ErrorKind::not_found, fmt::format("no plan is kept for {}", printable(scan)),
              "signalbox pack batch ORDERS --boxes BOXES --keep");
}

Result<Response> scan(const Services& services, const Request& request) {
  const std::string text(trim(http::query_text(request, "scan").value_or("")));
  if (text.empty()) return fail(ErrorKind::bad_input, "scan: an order or a plan");
  SIGNALBOX_TRY(store::Database* const database, services.database());
  PlanStore plans(*database);
  SIGNALBOX_TRY(const std::string plan, plan_of_scan(plans, text));
  SIGNALBOX_TRY(const auto packed, CompletionStore(*database).of_plan(plan));
  return Response::json(Json::object({{"plan", plan}, {"packed", list_json(packed)}}));
}

Result<Response> packs(const Services& services, const Request& request) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  SIGNALBOX_TRY(const auto listed,
                CompletionStore(*database).list(http::query_text(request, "order").value_or(""), kListed));
  return Response::json(Json::object({{"packs", list_json(listed)}}));
}

// Answers when the completion is on the disk: 201, or 200 where it was told before.
Result<Response> complete(const Services& services, const Request& request) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  PlanStore plans(*database);
  SIGNALBOX_TRY(const std::string text, plans.document(request.parameters.at("id")));
  SIGNALBOX_TRY(const PlanDocument plan, read_plan_document(text, "the kept plan"));
  SIGNALBOX_TRY(const Completion told,
                read_completion(request.body, plan, services.clock.now(), request.principal.name));
  SIGNALBOX_TRY(const auto added, CompletionStore(*database).add(told));
  return Response::json(to_json(added.completion), added.is_new ? 201 : 200);
}

http::Route route(std::string path, std::string summary, const std::shared_ptr<const Services>& services,
                  Result<Response> (*handle)(const Services&, const Request&), http::Parameter parameter) {
  http::Route out;
  out.path = std::move(path);
  out.summary = std::move(summary);
  out.parameters = {std::move(parameter)};
  out.handle = [services, handle](const Request& request) { return handle(*services, request); };
  return out;
}

}  // namespace

std::vector<http::Route> station_routes(const std::shared_ptr<const Services>& services) {
  using In = http::Parameter::In;
  http::Route completing = route("/api/v1/pack/packs/{id}/complete",
                                 "Tell that a package is packed: the box taken, what was left out and why, "
                                 "its weight, how long it took",
                                 services, complete, {"id", In::path, "of the plan", true});
  completing.method = http::Method::post;
  completing.role = http::Role::operator_;
  return {route("/api/v1/pack/station", "The plan that a scanned order means, and what of it is packed",
                services, scan, {"scan", In::query, "an order, or the id of a plan", true}),
          route("/api/v1/pack/packs", "Packages that were packed, the newest first", services, packs,
                {"order", In::query, "of this order alone"}),
          std::move(completing)};
}

}  // namespace signalbox::pack
