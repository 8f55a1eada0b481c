#include "instruments/pack/routes.hpp"

#include <algorithm>

#include "core/base/text.hpp"
#include "core/http/query.hpp"
#include "instruments/pack/check/checker.hpp"
#include "instruments/pack/choose/planner.hpp"
#include "instruments/pack/draw/card.hpp"
#include "instruments/pack/kept/plan_store.hpp"
#include "instruments/pack/plan_report.hpp"
#include "instruments/pack/read/tables.hpp"
#include "instruments/pack/station/completion_store.hpp"
#include "instruments/pack/station_routes.hpp"

namespace signalbox::pack {
namespace {

constexpr std::int64_t kListed = 50;

using http::Request;
using http::Response;

Result<PlanStore> store_of(const Services& services) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  return PlanStore(*database);
}

Result<Response> list(const Services& services, const Request& request) {
  SIGNALBOX_TRY(PlanStore store, store_of(services));
  const std::string sorted = http::query_text(request, "sort").value_or("newest");
  if (sorted != "newest" && sorted != "emptiest" && sorted != "dearest")
    return fail(ErrorKind::bad_input, "sort is newest, emptiest or dearest");
  const auto sorting = sorted == "newest"     ? PlanStore::Sorting::newest
                       : sorted == "emptiest" ? PlanStore::Sorting::emptiest
                                              : PlanStore::Sorting::dearest;
  SIGNALBOX_TRY(const auto plans,
                store.list(sorting, http::query_text(request, "order").value_or(""), kListed));
  Json out = Json::array();
  for (const KeptPlan& plan : plans) out.push_back(to_json(plan));
  return Response::json(Json::object({{"plans", std::move(out)}}));
}

// The first year so far: what was to be saved by today, were it saved evenly, and what was.
Result<Json> target_json(PlanStore& store, Day today) {
  SIGNALBOX_TRY(const auto target, store.target());
  if (!target) return Json();
  SIGNALBOX_TRY(const auto since, store.since(target->from_day));
  const std::int64_t days =
      std::clamp<std::int64_t>(today.time_since_epoch().count() - target->from_day + 1, 0, 365);
  const double now =
      since.first > 0 ? static_cast<double>(since.second) / static_cast<double>(since.first) : 0;
  Json out = Json::object({{"from", to_text(Day(std::chrono::days(target->from_day)))},
                           {"baseline_lb", target->baseline_lb},
                           {"percent", target->percent},
                           {"days", days},
                           {"due_percent", target->percent * static_cast<double>(days) / 365},
                           {"orders", since.first}});
  if (since.first > 0) {
    out.set("now_lb", now);
    out.set("saved_percent", 100 * (1 - now / target->baseline_lb));
  }
  return out;
}

// What stations told of parcels that were packed.
Result<Json> packed_json(store::Database& database) {
  SIGNALBOX_TRY(const CompletionStore::Totals packed, CompletionStore(database).totals());
  return Json::object({{"parcels", packed.parcels},
                       {"as_recommended", packed.as_recommended},
                       {"left_out", packed.left_out},
                       {"took_ms", packed.took_ms}});
}

Result<Response> density(const Services& services, const Request&) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  PlanStore store(*database);
  SIGNALBOX_TRY(Json packed, packed_json(*database));
  SIGNALBOX_TRY(Json target, target_json(store, std::chrono::floor<std::chrono::days>(services.clock.now())));
  SIGNALBOX_TRY(const PlanStore::Totals totals, store.totals());
  Json fills = Json::array();
  for (const std::int64_t count : totals.fills) fills.push_back(count);
  Json boxes = Json::array();
  for (const auto& [name, count] : totals.boxes)
    boxes.push_back(Json::object({{"boxes", name}, {"plans", count}}));
  return Response::json(Json::object({{"plans", totals.plans},
                                      {"packages", totals.packages},
                                      {"units", totals.units},
                                      {"billed_lb", totals.billed_lb},
                                      {"actual_lb", totals.actual_lb},
                                      {"dim_packages", totals.dim_packages},
                                      {"board_m2", totals.board_m2},
                                      {"fill", totals.fill},
                                      {"fills", std::move(fills)},
                                      {"boxes", std::move(boxes)},
                                      {"packed", std::move(packed)},
                                      {"target", std::move(target)}}));
}

Result<PlanDocument> document_of_request(const Services& services, const Request& request) {
  SIGNALBOX_TRY(PlanStore store, store_of(services));
  SIGNALBOX_TRY(const std::string text, store.document(request.parameters.at("id")));
  return read_plan_document(text, "the kept plan");
}

// The rules by which the plan was made, where they are in the program: "billed:ups-2026-01-26/150" names
// them, and a divisor that was agreed.
std::optional<RulePack> rules_of_plan(const PlanDocument& document) {
  const std::size_t colon = document.objective.find(':');
  if (colon == std::string::npos) return std::nullopt;
  const auto parts = split(std::string_view(document.objective).substr(colon + 1), '/');
  for (RulePack& pack : shipped_rules()) {
    if (pack.id != parts[0]) continue;
    if (parts.size() > 1)
      pack.daily_divisor = pack.retail_divisor =
          std::clamp<std::int64_t>(parse_integer(parts[1]).value_or(pack.daily_divisor), 1, 100'000);
    return std::move(pack);
  }
  return std::nullopt;
}

// The plan, what the checker says of it now, its steps as the card has them, and the bill of each package.
Result<Response> show(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const PlanDocument document, document_of_request(services, request));
  Json out = to_json(document);
  Json wrong = Json::array();
  for (const Violation& each : check_plan(document.order, document.boxes, document.plan, document.support))
    wrong.push_back(each.message);
  out.set("violations", std::move(wrong));
  Json steps = Json::array();
  for (const Package& package : document.plan.packages) {
    Json of_package = Json::array();
    for (const CardStep& step : card_steps(package)) of_package.push_back(step.end);
    steps.push_back(std::move(of_package));
  }
  out.set("steps", std::move(steps));
  Json bills = Json::array();
  if (const auto rules = rules_of_plan(document))
    for (const Package& package : document.plan.packages)
      bills.push_back(bill_json(document, package, *rules, Account::daily));
  out.set("bills", std::move(bills));
  return Response::json(out);
}

Result<Response> card(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const PlanDocument document, document_of_request(services, request));
  Response out;
  out.content_type = "text/html; charset=utf-8";
  // A page of its own: its style is within it, and nothing else runs or is fetched.
  out.headers.emplace_back("Content-Security-Policy",
                           "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'");
  out.body = card_html(document);
  return out;
}

Result<std::string> stream(const Services& services, const std::string& last_id, http::EventSink& sink) {
  SIGNALBOX_TRY(PlanStore store, store_of(services));
  SIGNALBOX_TRY(std::string now, store.state());
  if (now != last_id) sink.send("kept", now, Json::object({{"state", now}}).dump());
  return now;
}

http::Route route(std::string path, std::string summary, const std::shared_ptr<const Services>& services,
                  Result<Response> (*handle)(const Services&, const Request&),
                  std::vector<http::Parameter> parameters) {
  http::Route out;
  out.path = std::move(path);
  out.summary = std::move(summary);
  out.parameters = std::move(parameters);
  out.handle = [services, handle](const Request& request) { return handle(*services, request); };
  return out;
}

}  // namespace

std::vector<http::Route> routes(const std::shared_ptr<const Services>& services) {
  using In = http::Parameter::In;
  const http::Parameter id{"id", In::path, "of the plan, SHA-256 in hexadecimal", true};
  http::Route events;
  events.path = "/api/v1/pack/stream";
  events.summary = "That plans were kept, as server-sent events";
  events.events = [services](const Request&, const std::string& last_id, http::EventSink& sink) {
    return stream(*services, last_id, sink);
  };
  std::vector<http::Route> out = station_routes(services);
  for (http::Route& each : std::vector<http::Route>{
           events,
           route("/api/v1/pack/plans", "Kept plans", services, list,
                 {{"sort", In::query, "newest, emptiest or dearest"},
                  {"order", In::query, "plans of this order alone"}}),
           route("/api/v1/pack/density", "What kept plans come to", services, density, {}),
           route("/api/v1/pack/plans/{id}", "One plan with its placements", services, show, {id}),
           route("/api/v1/pack/plans/{id}/card", "Its instruction card, a page that prints", services, card,
                 {id})})
    out.push_back(std::move(each));
  return out;
}

}  // namespace signalbox::pack
