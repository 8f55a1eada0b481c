#include "commands/evidence/asked_condition.hpp"

#include "core/base/text.hpp"

namespace signalbox::evidence_command {

Result<std::optional<AskedCondition::Objection>> AskedCondition::objection(const Json& input) {
  SIGNALBOX_TRY(const gates::Answer answer, evaluator_.evaluate(expression_, input));
  if (answer.kind == gates::Answer::Kind::refused)
    return fail(ErrorKind::bad_input, "the condition: " + answer.message,
                "docs/conditions.md says what it may use");
  if (answer.kind == gates::Answer::Kind::no) return Objection{"condition", "the condition is false of it"};
  if (answer.kind != gates::Answer::Kind::yes) {
    const std::string reason(name_of(answer.kind));
    return Objection{reason, "the condition does not run (" + reason + "): " + printable(answer.message)};
  }
  if (!lint_) {
    SIGNALBOX_TRY(lint_, gates::lint(evaluator_, expression_, &input, {}));
  }
  if (!lint_->refusals.empty())
    return Objection{"vacuous", "the condition is refused: " + join(lint_->refusals, "; ")};
  return std::nullopt;
}

}  // namespace signalbox::evidence_command
