// POST /api/v1/evidence/check: conditions that somebody tries on the log, answered as `evidence check` does.
#include <fmt/core.h>

#include "commands/evidence/check_report.hpp"
#include "commands/evidence/commands.hpp"
#include "commands/evidence/evaluator_desk.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using http::Request;
using http::Response;

constexpr std::size_t kMaxConditions = 16;

// What is asked, read from JSON.
struct Asked {
  std::vector<gates::Gate> conditions;
  ev::Subject commit;
  std::optional<ev::Subject> artifact;
};

// Only evidence is asked for: other kinds run programs, read files or call servers.
Result<gates::Gate> condition_of(const config::Node& node) {
  SIGNALBOX_CHECK(node.only({"name", "owner", "kind", "type", "subject", "signer", "max_age", "select",
                             "require", "allow_empty", "remedy", "blocker", "weight"}));
  if (node["kind"].exists()) {
    SIGNALBOX_TRY(const std::string kind, node["kind"].text());
    if (kind != "evidence") return node["kind"].wrong("conditions of the kind evidence are answered here");
  }
  return gates::parse_gate(node);
}

Result<ev::Subject> subject_of(const config::Node& node) {
  SIGNALBOX_TRY(const std::string text, node.text());
  return ev::subject_from_text(text);
}

Result<Asked> asked_in(const std::string& body) {
  SIGNALBOX_CHECK(parse_json(body));  // YAML would take more
  SIGNALBOX_TRY(const config::Node document, config::parse_yaml(body, "request"));
  SIGNALBOX_CHECK(document.only({"conditions", "commit", "artifact"}));
  Asked out;
  for (const config::Node& node : document["conditions"].items()) {
    SIGNALBOX_TRY(gates::Gate gate, condition_of(node));
    out.conditions.push_back(std::move(gate));
    if (out.conditions.size() > kMaxConditions)
      return fail(ErrorKind::bad_input, fmt::format("more than {} conditions", kMaxConditions));
  }
  if (out.conditions.empty())
    return fail(ErrorKind::bad_input, "there is no condition",
                R"({"conditions": [{"name": …, "type": …, "require": …}], "commit": "gitCommit:…"})");
  SIGNALBOX_TRY(out.commit, subject_of(document["commit"]));
  if (document["artifact"].exists()) {
    SIGNALBOX_TRY(out.artifact, subject_of(document["artifact"]));
  }
  return out;
}

Result<Response> check(const Services& services, const Request& request, EvaluatorDesk& desk) {
  SIGNALBOX_TRY(const Asked asked, asked_in(request.body));
  SIGNALBOX_TRY(const LogInSight sight, log_in_sight(services));
  gates::Situation situation{.trust = sight.trust, .now = services.clock.now()};
  situation.commit = asked.commit;
  situation.artifact = asked.artifact;
  if (sight.ledger) situation.ledger = &*sight.ledger;
  SIGNALBOX_TRY(const EvaluatorDesk::Turn turn, desk.take_turn());
  SIGNALBOX_TRY(const Report report,
                check_report(asked.conditions, situation, turn.evaluator(), Explain::what_it_saw));
  Response response;
  response.body = render_json(report);
  return response;
}

}  // namespace

http::Route check_route(std::shared_ptr<const Services> services) {
  http::Route route;
  route.method = http::Method::post;
  route.path = "/api/v1/evidence/check";
  route.summary = "Conditions tried on the log: a report with one check each";
  route.role = http::Role::operator_;
  route.handle = [services, desk = std::make_shared<EvaluatorDesk>()](const Request& request) {
    return check(*services, request, *desk);
  };
  return route;
}

}  // namespace signalbox::evidence_command
