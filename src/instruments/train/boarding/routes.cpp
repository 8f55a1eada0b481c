#include "instruments/train/boarding/routes.hpp"

#include "instruments/train/boarding/manifest.hpp"
#include "instruments/train/boarding/train_report.hpp"
#include "instruments/train/serving.hpp"

namespace signalbox::train {
namespace {

using http::Request;
using http::Response;

Audience audience_of(const Request& request) {
  return request.principal.role >= http::Role::operator_ ? Audience::crew : Audience::everybody;
}

Result<Response> all_trains(const Services& services) {
  SIGNALBOX_TRY(const Desk desk, open_desk_at_head(services));
  return Response::json(to_json(trains_report(desk.trains, desk.rules(), services.clock.now())));
}

Result<Response> one_train(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const Desk desk, open_desk_at_head(services));
  SIGNALBOX_TRY(const Train* const train, desk.train(request.parameters.at("id")));
  return Response::json(
      to_json(train_report(*train, desk.rules(), services.clock.now(), audience_of(request))));
}

Result<Response> passengers(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const Desk desk, open_desk_at_head(services));
  SIGNALBOX_TRY(const Train* const train, desk.train(request.parameters.at("id")));
  return Response::json(Json::object(
      {{"train", train->id}, {"passengers", seats_json(*train, desk.rules(), audience_of(request))}}));
}

Result<Response> manifest(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const Desk desk, open_desk_at_head(services));
  SIGNALBOX_TRY(const Train* const train, desk.train(request.parameters.at("id")));
  if (!train->lock) {
    return fail(ErrorKind::not_found, train->id + " has no manifest: its scope is not locked",
                "signalbox train lock " + train->id);
  }
  SIGNALBOX_TRY(const std::optional<evidence::Ledger> ledger, open_log(services));
  SIGNALBOX_TRY(const TrainEvents events, read_events(*ledger, desk.policy.trust, train->id));
  for (const Event& event : events.events) {
    if (event.index != train->lock->index) continue;
    SIGNALBOX_TRY(const TrainManifest signed_one, read_train_manifest(event.predicate));
    return Response::json(Json::object({{"train", train->id},
                                        {"digest", "sha256:" + signed_one.digest},
                                        {"by", event.signer},
                                        {"evidence", event.index},
                                        {"time", to_rfc3339(event.time)},
                                        {"manifest", signed_one.view}}));
  }
  return fail(ErrorKind::internal, "the lock names an entry that is not there");
}

http::Route get(std::string path, std::string summary, http::Handler handle) {
  http::Route route;
  route.path = std::move(path);
  route.summary = std::move(summary);
  route.handle = std::move(handle);
  return route;
}

http::Route get_of_train(std::string_view what, std::string summary, http::Handler handle) {
  http::Route route =
      get("/api/v1/train/trains/{id}" + std::string(what), std::move(summary), std::move(handle));
  route.parameters = {train_parameter()};
  return route;
}

}  // namespace

std::vector<http::Route> boarding_routes(std::shared_ptr<const Services> services) {
  std::vector<http::Route> out;
  out.push_back(get("/api/v1/train/trains", "All trains, the newest first",
                    [services](const Request&) { return all_trains(*services); }));
  out.back().response_schema = "report-v1";
  out.push_back(get_of_train("", "One train: when it leaves, who is aboard, what each passenger lacks",
                             [services](const Request& request) { return one_train(*services, request); }));
  out.back().response_schema = "report-v1";
  out.push_back(
      get_of_train("/passengers",
                   "The passengers of a train, in the order in which they came; notes, rollback plans, "
                   "estimates and checklists are for operators",
                   [services](const Request& request) { return passengers(*services, request); }));
  out.push_back(get_of_train("/manifest", "The signed manifest, as everybody may read it",
                             [services](const Request& request) { return manifest(*services, request); }));
  return out;
}

}  // namespace signalbox::train
