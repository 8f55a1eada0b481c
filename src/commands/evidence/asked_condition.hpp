// `--condition` of the commands that read many statements.
#pragma once

#include <optional>
#include <string>

#include "core/base/json.hpp"
#include "core/gates/condition.hpp"

namespace signalbox::evidence_command {

// One expression that has to be true of statement after statement, and could have been false.
class AskedCondition {
 public:
  explicit AskedCondition(std::string expression) : expression_(std::move(expression)) {}
  const std::string& expression() const { return expression_; }

  // Why a statement does not pass.
  struct Objection {
    std::string reason;  // "condition", "vacuous", or how its evaluation ended: "error", "timeout" …
    std::string answer;
  };
  // Nothing where it passes. The first yes is believed only after the lint of conditions. bad_input, with the
  // place, where the expression itself is wrong.
  Result<std::optional<Objection>> objection(const Json& input);

 private:
  std::string expression_;
  gates::Evaluator evaluator_;
  std::optional<gates::Lint> lint_;  // of the first statement that passed
};

}  // namespace signalbox::evidence_command
