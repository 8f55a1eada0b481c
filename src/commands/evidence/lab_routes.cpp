// What the console's condition lab asks.
#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/condition_lab.hpp"
#include "commands/evidence/evaluator_desk.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using http::Request;
using http::Response;

constexpr std::chrono::milliseconds kDeadline{100};  // of one evaluation: somebody waits for many
constexpr const char* kRecord = "signalbox evidence add junit|sarif|sbom|json FILE";
constexpr const char* kWanted = R"({"require": "…", "type": "…", "subject": "ALG:HEX"})";

// The text of a member; empty where it is absent. Anything else than a text would widen what is asked for.
Result<std::string> text_in(const Json& body, std::string_view name) {
  const Json& member = body[name];
  if (!member.is_null() && !member.is_string())
    return fail(ErrorKind::bad_input, fmt::format("$.{}: a text is wanted", name), kWanted);
  return std::string(member.as_string());
}

Result<Trial> trial_of(const Request& request) {
  SIGNALBOX_TRY(const Json body, parse_json(request.body));
  Trial out;
  SIGNALBOX_TRY(out.require, text_in(body, "require"));
  if (out.require.empty()) return fail(ErrorKind::bad_input, "$.require: there is no condition", kWanted);
  SIGNALBOX_TRY(const std::string type, text_in(body, "type"));
  if (type.empty()) return fail(ErrorKind::bad_input, "$.type: there is no type", kWanted);
  out.type = whole_type(type);
  SIGNALBOX_TRY(const std::string subject, text_in(body, "subject"));
  if (!subject.empty()) {
    SIGNALBOX_TRY(out.subject, ev::subject_from_text(subject));
  }
  return out;
}

Result<Response> check(const Services& services, EvaluatorDesk& desk, const Request& request) {
  SIGNALBOX_TRY(const Trial trial, trial_of(request));
  SIGNALBOX_TRY(const LogInSight sight, log_in_sight(services));
  if (!sight.ledger) return fail(ErrorKind::not_found, "nothing was ever recorded here", kRecord);
  SIGNALBOX_TRY(const EvaluatorDesk::Turn turn, desk.take_turn());
  SIGNALBOX_TRY(const Trials trials,
                try_condition(*sight.ledger, sight.trust, trial, services.clock.now(), turn.evaluator()));
  return Response::json(to_json(trials));
}

}  // namespace

std::vector<http::Route> lab_routes(const std::shared_ptr<const Services>& services) {
  const auto desk = std::make_shared<EvaluatorDesk>(gates::EvaluatorOptions{.deadline = kDeadline});
  http::Route route;
  route.method = http::Method::post;
  route.path = "/api/v1/evidence/lab";
  route.summary = "Try a condition on the newest statements of a type: {require, type, subject}";
  route.role = http::Role::operator_;  // it costs time, though it writes nothing
  route.handle = [services, desk](const Request& request) { return check(*services, *desk, request); };
  return {std::move(route)};
}

}  // namespace signalbox::evidence_command
