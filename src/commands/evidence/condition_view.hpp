// What a condition sees of a statement, as docs/conditions.md tells, and `--condition` of the commands that
// read many of them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/trust.hpp"
#include "core/gates/condition.hpp"

namespace signalbox::evidence_command {

// What a log says of one of its entries.
struct Vouched {
  std::uint64_t index = 0;
  Time logged;
  std::uint64_t log_size = 0;
  std::size_t witnesses = 0;  // distinct trusted ones under its checkpoint
};

// The input of a condition. Without a log, .index, .age_s and .log are null, and .age_s too where the log's
// time is ahead of `now`, beyond what clocks differ by; only signers that count are shown. bad_input where
// the payload is no JSON.
Result<Json> condition_view(const evidence::Envelope& envelope, const std::vector<evidence::Signer>& signers,
                            const std::optional<Vouched>& vouched, Time now);

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
  Result<std::optional<Objection>> objection(const Json& view);

 private:
  std::string expression_;
  gates::Evaluator evaluator_;
  std::optional<gates::Lint> lint_;  // of the first statement that passed
};

}  // namespace signalbox::evidence_command
