#include <algorithm>
#include <array>
#include <utility>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/gates/condition.hpp"
#include "core/gates/evaluator_process.hpp"
#include "core/gates/plain_condition.hpp"
#include "core/gates/protocol.hpp"

namespace signalbox::gates {
namespace {

// Beyond the deadline of an evaluation: compiling (at most 2 s), reading the input, a busy machine.
constexpr std::chrono::milliseconds kPatience{10'000};

constexpr std::array<std::string_view, protocol::kKinds> kNames = {
    "yes", "no", "error", "timeout", "memory", "not-boolean", "refused"};

Answer answer_from(const protocol::Answer& answer) {
  Answer out;
  out.kind = static_cast<Answer::Kind>(answer.kind);
  out.message = escape_invalid_utf8(answer.message);
  return out;
}

std::string variants_text(const std::vector<Variant>& variants) {
  Json all = Json::array();
  for (const Variant& variant : variants) {
    Json one = Json::object({{"paths", Json(Json::Array(variant.paths))}});
    if (variant.value) one.set("value", *variant.value);
    all.push_back(std::move(one));
  }
  return all.dump();
}

}  // namespace

std::string_view name_of(Answer::Kind kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

struct Evaluator::State {
  EvaluatorOptions options;
  std::optional<EvaluatorProcess> process;
  std::string asked_last;  // an expression, and what it is where it needs no jq
  std::optional<PlainCondition> plain;

  const std::optional<PlainCondition>& plain_of(std::string_view asked) {
    if (asked != asked_last) {
      asked_last = asked;
      plain = PlainCondition::parse(asked);
    }
    return plain;
  }

  // One request, and as many answers as it has variants. Answers that came before the evaluator died are kept
  // in `answers`.
  Status ask(const protocol::Request& request, std::size_t count, std::vector<Answer>& answers) {
    if (!process) {
      SIGNALBOX_TRY(const auto program, find_evaluator());
      SIGNALBOX_TRY(process, EvaluatorProcess::start(program));
    }
    SIGNALBOX_CHECK(process->write(protocol::write_request(request), kPatience));
    while (answers.size() < count) {
      SIGNALBOX_TRY(const std::string body,
                    process->read_frame(protocol::kMaxAnswerBytes, request.deadline + kPatience));
      auto answer = protocol::read_answer(body);
      if (!answer)
        return fail(ErrorKind::unavailable, "signalbox-condition says something that is no answer");
      answers.push_back(answer_from(std::move(*answer)));
    }
    return {};
  }

  Result<std::vector<Answer>> ask_again(const protocol::Request& request, std::size_t count) {
    std::vector<Answer> answers;
    const bool was_running = process.has_value();
    Status asked = ask(request, count, answers);
    if (asked) return answers;
    process.reset();
    // It may have died of something else, before it was asked.
    if (was_running || !answers.empty()) {
      answers.clear();
      asked = ask(request, count, answers);
      if (asked) return answers;
      process.reset();
    }
    return fail(asked.error());
  }

  Result<std::vector<Answer>> run(std::string_view expression, const std::string& input,
                                  const std::vector<Variant>* variants) {
    if (!is_utf8(expression)) {
      return std::vector<Answer>(variants == nullptr ? 1 : variants->size(),
                                 {Answer::Kind::refused, "the expression is not UTF-8"});
    }
    protocol::Request request;
    request.deadline = std::clamp(options.deadline, std::chrono::milliseconds(1), protocol::kMaxDeadline);
    request.expression = expression;
    request.input = input;
    if (variants != nullptr) {
      request.variants = variants_text(*variants);
      request.count = static_cast<std::uint32_t>(variants->size());
    }
    const std::size_t size = request.expression.size() + request.input.size() + request.variants.size();
    if (size + 64 > protocol::kMaxRequestBytes) {
      return fail(ErrorKind::bad_input, fmt::format("the input of a condition has {} bytes; at most {}", size,
                                                    protocol::kMaxRequestBytes));
    }
    return ask_again(request, variants == nullptr ? 1 : variants->size());
  }
};

Evaluator::Evaluator(EvaluatorOptions options) : state_(std::make_unique<State>()) {
  state_->options = options;
}
Evaluator::~Evaluator() = default;
Evaluator::Evaluator(Evaluator&&) noexcept = default;
Evaluator& Evaluator::operator=(Evaluator&&) noexcept = default;

Result<Answer> Evaluator::evaluate(std::string_view expression, const Json& input) {
  if (const auto& plain = state_->plain_of(expression)) {
    if (auto answer = plain->evaluate(input)) return std::move(*answer);
  }
  SIGNALBOX_TRY(std::vector<Answer> answers, state_->run(expression, input.dump(), nullptr));
  return std::move(answers.front());
}

Result<std::vector<Answer>> Evaluator::evaluate_all(std::string_view expression,
                                                    const std::vector<Json>& inputs) {
  std::vector<Variant> variants;
  for (const Json& input : inputs) variants.push_back({{Json::array()}, input});
  return evaluate_variants(expression, Json(), variants);
}

Result<std::vector<Answer>> Evaluator::evaluate_variants(std::string_view expression, const Json& input,
                                                         const std::vector<Variant>& variants) {
  if (variants.empty()) return std::vector<Answer>();
  const auto& plain = state_->plain_of(expression);
  if (!plain) return state_->run(expression, input.dump(), &variants);
  std::vector<Answer> out(variants.size());
  std::vector<std::size_t> open;
  std::vector<Variant> left;
  Json varied = input;
  for (std::size_t i = 0; i < variants.size(); ++i) {
    if (auto answer = evaluate_variant(*plain, varied, variants[i])) {
      out[i] = std::move(*answer);
    } else {
      open.push_back(i);
      left.push_back(variants[i]);
    }
  }
  if (left.empty()) return out;
  SIGNALBOX_TRY(std::vector<Answer> by_jq, state_->run(expression, input.dump(), &left));
  for (std::size_t i = 0; i < open.size(); ++i) out[open[i]] = std::move(by_jq[i]);
  return out;
}

}  // namespace signalbox::gates
