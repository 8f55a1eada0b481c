#include "commands/evidence/condition_view.hpp"

#include <chrono>

#include "core/base/text.hpp"
#include "core/gates/testimony.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

Json shown_signers(const std::vector<ev::Signer>& signers) {
  Json out = Json::array();
  for (const ev::Signer& signer : signers) {
    if (!signer.valid) continue;
    Json roles = Json::array();
    for (const std::string& role : signer.roles) roles.push_back(role);
    out.push_back(Json::object({{"name", signer.key.name},
                                {"role", signer.roles.empty() ? std::string() : signer.roles.front()},
                                {"roles", std::move(roles)}}));
  }
  return out;
}

}  // namespace

Result<Json> condition_view(const ev::Envelope& envelope, const std::vector<ev::Signer>& signers,
                            const std::optional<Vouched>& vouched, Time now) {
  SIGNALBOX_TRY(const Json statement, parse_json(envelope.payload));
  Json index, age, log;
  if (vouched) {
    index = vouched->index;
    age = gates::age_in_seconds(vouched->logged, now);
    log = Json::object({{"size", vouched->log_size}, {"witnesses", vouched->witnesses}});
  }
  return Json::object(
      {{"predicate", statement["predicate"]},
       {"subject", statement["subject"]},
       {"statement", statement},
       {"signers", shown_signers(signers)},
       {"index", std::move(index)},
       {"age_s", std::move(age)},
       {"log", std::move(log)},
       {"now", std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count()},
       {"train", Json::object()},
       {"args", Json::object()}});
}

Result<std::optional<AskedCondition::Objection>> AskedCondition::objection(const Json& view) {
  SIGNALBOX_TRY(const gates::Answer answer, evaluator_.evaluate(expression_, view));
  if (answer.kind == gates::Answer::Kind::refused)
    return fail(ErrorKind::bad_input, "the condition: " + answer.message,
                "docs/conditions.md says what it may use");
  if (answer.kind == gates::Answer::Kind::no) return Objection{"condition", "the condition is false of it"};
  if (answer.kind != gates::Answer::Kind::yes) {
    const std::string reason(name_of(answer.kind));
    return Objection{reason, "the condition does not run (" + reason + "): " + printable(answer.message)};
  }
  if (!lint_) {
    SIGNALBOX_TRY(lint_, gates::lint(evaluator_, expression_, &view, {}));
  }
  if (!lint_->refusals.empty())
    return Objection{"vacuous", "the condition is refused: " + join(lint_->refusals, "; ")};
  return std::nullopt;
}

}  // namespace signalbox::evidence_command
