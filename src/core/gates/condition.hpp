// jq conditions, fail-closed. Plain ones are evaluated here (plain_condition.hpp), the others by the program
// signalbox-condition: forked, filtered, bounded in time and memory.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::gates {

// What an evaluation came to. Everything but `yes` is no-go.
struct Answer {
  enum class Kind { yes, no, error, timeout, memory, not_boolean, refused } kind = Kind::error;
  std::string message;  // jq's own words for error; empty for yes and no
};
std::string_view name_of(Answer::Kind kind);

// One input made from another: `value` at each path, or, without a value, the input without these paths. A
// path is an array of member names and positions.
struct Variant {
  std::vector<Json> paths;
  std::optional<Json> value;
};

struct EvaluatorOptions {
  std::chrono::milliseconds deadline{250};  // of one evaluation; at most 2 s
};

// An evaluator that died is started again once; an expression that kills it twice is an error.
// Talks to one signalbox-condition process, started on first use and again after it died. One thread at a
// time.
class Evaluator {
 public:
  explicit Evaluator(EvaluatorOptions options = {});
  ~Evaluator();
  Evaluator(Evaluator&&) noexcept;
  Evaluator& operator=(Evaluator&&) noexcept;

  // Compile errors and forbidden words are `refused`, with the position. A missing program is unavailable.
  Result<Answer> evaluate(std::string_view expression, const Json& input);
  // The same expression over many inputs: compiled once.
  Result<std::vector<Answer>> evaluate_all(std::string_view expression, const std::vector<Json>& inputs);
  // The same expression over variants of one input, which is read once.
  Result<std::vector<Answer>> evaluate_variants(std::string_view expression, const Json& input,
                                                const std::vector<Variant>& variants);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The vacuity lint of systems/evidence: does the condition say yes where it has no reason to? `good` is a
// recorded input that passes; without one only the empty input is tried.
struct Lint {
  std::vector<std::string> refusals;  // "vacuous", "fails open at .predicate.failures"
  std::vector<std::string> warnings;  // "empty-array-passes at .predicate.findings"
};
Result<Lint> lint(Evaluator& evaluator, std::string_view expression, const Json* good,
                  const std::vector<std::string>& allow_empty);

}  // namespace signalbox::gates
