#include "instruments/train/train_routes.hpp"

#include "instruments/train/notes.hpp"
#include "instruments/train/plan_report.hpp"
#include "instruments/train/serving.hpp"

namespace signalbox::train {
namespace {

using http::Request;
using http::Response;

// The train, or why there is none: before anything about it is judged.
Result<std::string> known_train(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const Desk desk, open_desk_at_head(services));
  SIGNALBOX_TRY(const Train* const train, desk.train(request.parameters.at("id")));
  return train->id;
}

Result<DecisionBoard::Answer> judged(const Services& services, DecisionBoard& board, const Request& request) {
  SIGNALBOX_TRY(const std::string train, known_train(services, request));
  DecisionBoard::Answer answer = board.now(train);
  if (!answer.report) return fail(answer.error);
  return answer;
}

Result<Response> decision(const Services& services, DecisionBoard& board, const Request& request) {
  SIGNALBOX_TRY(const DecisionBoard::Answer answer, judged(services, board, request));
  Response response;
  response.shared_body = answer.report;
  response.headers = {{"Cache-Control", "no-cache"}};
  return response;
}

Result<Response> gates(const Services& services, DecisionBoard& board, const Request& request) {
  SIGNALBOX_TRY(const DecisionBoard::Answer answer, judged(services, board, request));
  SIGNALBOX_TRY(const Json report, parse_json(*answer.report));
  return Response::json(Json::object({{"train", request.parameters.at("id")},
                                      {"decision", report["data"]["decision"]},
                                      {"gates", report["checks"]}}));
}

Result<Response> notes(const Services& services, const Request& request) {
  SIGNALBOX_TRY(const Desk desk, open_desk_at_head(services));
  SIGNALBOX_TRY(const Train* const train, desk.train(request.parameters.at("id")));
  SIGNALBOX_TRY(const Plan plan, read_locked_plan(services.workspace, desk, *train));
  const ReleaseNotes written = notes_of(plan);
  return Response::json(Json::object({{"train", train->id},
                                      {"tag", written.tag},
                                      {"previous_tag", written.previous_tag},
                                      {"markdown", write_notes(written, NotesForm::plain)},
                                      {"sections", sections_json(written.manifest)},
                                      {"commits", commits_json(written.manifest)}}));
}

http::Route get(std::string_view what, std::string summary, http::Handler handle) {
  http::Route route;
  route.path = "/api/v1/train/trains/{id}" + std::string(what);
  route.summary = std::move(summary);
  route.parameters = {train_parameter()};
  route.handle = std::move(handle);
  return route;
}

}  // namespace

std::vector<http::Route> train_routes(std::shared_ptr<const Services> services,
                                      std::shared_ptr<DecisionBoard> board) {
  std::vector<http::Route> out;
  out.push_back(
      get("/decision", "GO or NO-GO for this train, judged now and not recorded",
          [services, board](const Request& request) { return decision(*services, *board, request); }));
  out.back().response_schema = "report-v1";
  out.push_back(get("/gates", "What each gate answers about this train",
                    [services, board](const Request& request) { return gates(*services, *board, request); }));
  out.push_back(get("/notes", "The notes of what departs with this train: of its locked commit, else of HEAD",
                    [services](const Request& request) { return notes(*services, request); }));
  return out;
}

}  // namespace signalbox::train
