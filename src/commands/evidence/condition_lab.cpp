#include "commands/evidence/condition_lab.hpp"

#include <algorithm>
#include <array>

#include "core/evidence/statement.hpp"
#include "core/gates/condition_input.hpp"
#include "core/gates/expression.hpp"
#include "core/gates/testimony.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using gates::Answer;
using gates::Token;

constexpr std::size_t kMaxTried = 20;
constexpr std::size_t kMaxParts = 12;

// The operator of which the octet at `at` is a part binds tighter than `and`: beside it, `and` joins whole
// conditions. An `=` that compares has another beside it, or a `!`, `<` or `>` before it; one that assigns
// has not.
bool binds_tighter(std::string_view text, std::size_t at) {
  constexpr std::string_view kTight = "<>!+-*%.?", kCompares = "=!<>";
  if (text[at] != '=') return kTight.find(text[at]) != std::string_view::npos;
  const bool follows = at > 0 && kCompares.find(text[at - 1]) != std::string_view::npos;
  return follows || (at + 1 < text.size() && text[at + 1] == '=');
}

// Words that begin or hold more than the part in which they stand.
bool reaches_out(const std::string& word) {
  static constexpr std::array kWords{"or", "as", "def", "if", "reduce", "foreach", "label", "try"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

int opens(const std::string& symbol) {
  if (symbol == "(" || symbol == "[" || symbol == "{") return 1;
  return symbol == ")" || symbol == "]" || symbol == "}" ? -1 : 0;
}

// Where a token begins, in octets of the text. Columns count octets from 1.
std::size_t offset_of(std::string_view text, const Token& token) {
  std::size_t line_start = 0;
  for (int line = 1; line < token.line; ++line) line_start = text.find('\n', line_start) + 1;
  return line_start + static_cast<std::size_t>(token.column) - 1;
}

std::string trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

// Where each outermost `and` stands; nothing where something else of the outermost level joins as loosely.
std::optional<std::vector<std::size_t>> outermost_ands(std::string_view expression) {
  const auto tokens = gates::scan_expression(expression);
  if (!tokens) return std::nullopt;
  std::vector<std::size_t> out;
  int depth = 0;
  for (const Token& token : *tokens) {
    if (token.kind == Token::Kind::symbol) {
      const int step = opens(token.text);
      depth += step;
      if (step == 0 && depth == 0 && !binds_tighter(expression, offset_of(expression, token)))
        return std::nullopt;
    } else if (token.kind == Token::Kind::word && depth == 0) {
      if (reaches_out(token.text)) return std::nullopt;
      if (token.text == "and") out.push_back(offset_of(expression, token));
    }
  }
  return out;
}

Json json_of(const Answer& answer) {
  return Json::object({{"answer", name_of(answer.kind)}, {"message", answer.message}});
}

Json list_of(const std::vector<std::string>& texts) {
  Json out = Json::array();
  for (const std::string& text : texts) out.push_back(text);
  return out;
}

// A refused or runaway condition is not taken apart: its parts would be too, one after the other.
bool can_be_taken_apart(const std::vector<Tried>& tried) {
  return std::none_of(tried.begin(), tried.end(), [](const Tried& one) {
    return one.answer.kind == Answer::Kind::refused || one.answer.kind == Answer::Kind::timeout ||
           one.answer.kind == Answer::Kind::memory;
  });
}

Status answer_all(Trials& trials, const std::string& require, gates::Evaluator& evaluator) {
  std::vector<Json> inputs;
  for (const Tried& one : trials.tried) inputs.push_back(one.input);
  SIGNALBOX_TRY(const std::vector<Answer> whole, evaluator.evaluate_all(require, inputs));
  for (std::size_t i = 0; i < whole.size(); ++i) trials.tried[i].answer = whole[i];
  if (trials.parts.size() < 2 || !can_be_taken_apart(trials.tried)) return {};
  for (const std::string& part : trials.parts) {
    SIGNALBOX_TRY(const std::vector<Answer> answers, evaluator.evaluate_all(part, inputs));
    for (std::size_t i = 0; i < answers.size(); ++i) trials.tried[i].parts.push_back(answers[i]);
  }
  return {};
}

// What a condition would see of a logged statement.
Result<Json> input_of(const ev::Ledger& ledger, const ev::Entry& entry, const ev::Trust& trust, Time now) {
  SIGNALBOX_TRY(const ev::Envelope envelope, ev::parse_envelope(entry.envelope));
  SIGNALBOX_TRY(const ev::Statement statement, ev::parse_statement(envelope.payload));
  const gates::Vouched vouched{.index = entry.index, .logged = entry.time, .log_size = ledger.size()};
  return gates::condition_input(
      statement, gates::counting(gates::signers_of(envelope, trust, entry.time, statement)), vouched, now);
}

}  // namespace

std::vector<std::string> conjuncts_of(std::string_view expression) {
  const auto ands = outermost_ands(expression);
  if (!ands || ands->size() >= kMaxParts) return {trimmed(expression)};
  std::vector<std::string> out;
  std::size_t start = 0;
  for (const std::size_t at : *ands) {
    out.push_back(trimmed(expression.substr(start, at - start)));
    start = at + std::string_view("and").size();
  }
  out.push_back(trimmed(expression.substr(start)));
  const bool is_whole = std::none_of(out.begin(), out.end(), [](const auto& part) { return part.empty(); });
  return is_whole ? out : std::vector<std::string>{trimmed(expression)};
}

Result<Trials> try_condition(const ev::Ledger& ledger, const ev::Trust& trust, const Trial& trial, Time now,
                             gates::Evaluator& evaluator) {
  Trials out;
  out.parts = conjuncts_of(trial.require);
  ev::Query query;
  query.type = trial.type;
  query.subject = trial.subject;
  query.limit = kMaxTried;
  SIGNALBOX_TRY(const std::vector<ev::Entry> entries, ledger.query(query));
  for (const ev::Entry& entry : entries) {
    auto input = input_of(ledger, entry, trust, now);
    if (input) out.tried.push_back({entry.index, entry.time, std::move(*input), {}, {}});
  }
  if (!out.tried.empty()) SIGNALBOX_CHECK(answer_all(out, trial.require, evaluator));
  const auto good = std::find_if(out.tried.begin(), out.tried.end(),
                                 [](const Tried& one) { return one.answer.kind == Answer::Kind::yes; });
  const Json* const example = good == out.tried.end() ? nullptr : &good->input;
  SIGNALBOX_TRY(out.lint, gates::lint(evaluator, trial.require, example, {}));
  return out;
}

Json to_json(const Trials& trials) {
  Json tried = Json::array();
  for (const Tried& one : trials.tried) {
    Json parts = Json::array();
    for (const Answer& part : one.parts) parts.push_back(json_of(part));
    Json row = json_of(one.answer);
    row.set("index", one.index);
    row.set("time", to_rfc3339(one.time));
    row.set("parts", std::move(parts));
    row.set("input", one.input);
    tried.push_back(std::move(row));
  }
  return Json::object({{"parts", list_of(trials.parts)},
                       {"tried", std::move(tried)},
                       {"lint", Json::object({{"refusals", list_of(trials.lint.refusals)},
                                              {"warnings", list_of(trials.lint.warnings)}})}});
}

}  // namespace signalbox::evidence_command
