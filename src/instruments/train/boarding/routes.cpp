#include "instruments/train/boarding/routes.hpp"

#include <fmt/core.h>

#include "instruments/train/boarding/desk.hpp"
#include "instruments/train/boarding/train_report.hpp"

namespace signalbox::train {
namespace {

using http::Request;
using http::Response;

// The desk at HEAD, over the calling thread's connection. Without a log there are no trains.
Result<Desk> desk_of(const Services& services) {
  SIGNALBOX_TRY(store::Database* const database, services.database());
  auto ledger = evidence::Ledger::open_read_only(*database);
  return open_desk(services.workspace, ledger ? &*ledger : nullptr, {});
}

Result<Response> all_trains(const Services& services) {
  SIGNALBOX_TRY(const Desk desk, desk_of(services));
  return Response::json(to_json(trains_report(desk.trains, desk.rules(), services.clock.now())));
}

Result<Response> one_train(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const Desk desk, desk_of(services));
  SIGNALBOX_TRY(const Train* const train, desk.train(request.parameters.at("id")));
  return Response::json(to_json(train_report(*train, desk.rules(), services.clock.now())));
}

Result<Response> passengers(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const Desk desk, desk_of(services));
  SIGNALBOX_TRY(const Train* const train, desk.train(request.parameters.at("id")));
  return Response::json(Json::object({{"train", train->id}, {"passengers", seats_json(*train)}}));
}

http::Parameter id_parameter() {
  return {"id", http::Parameter::In::path, "name of the train", true, "string"};
}

}  // namespace

std::vector<http::Route> boarding_routes(std::shared_ptr<const Services> services) {
  const std::string trains = "/api/v1/train/trains";
  http::Route list;
  list.path = trains;
  list.summary = "All trains, the newest first";
  list.response_schema = "report-v1";
  list.handle = [services](const Request&) { return all_trains(*services); };
  http::Route one;
  one.path = trains + "/{id}";
  one.summary = "One train: when it leaves, who is aboard, what each passenger lacks";
  one.parameters = {id_parameter()};
  one.response_schema = "report-v1";
  one.handle = [services](const Request& request) { return one_train(*services, request); };
  http::Route riders;
  riders.path = trains + "/{id}/passengers";
  riders.summary = "The passengers of a train, in the order in which they came";
  riders.parameters = {id_parameter()};
  riders.handle = [services](const Request& request) { return passengers(*services, request); };
  return {std::move(list), std::move(one), std::move(riders)};
}

}  // namespace signalbox::train
