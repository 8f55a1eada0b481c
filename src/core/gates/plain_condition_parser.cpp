#include <charconv>
#include <utility>

#include "core/base/text.hpp"
#include "core/gates/expression.hpp"
#include "core/gates/plain_condition.hpp"

namespace signalbox::gates {
namespace {

using Kind = PlainTerm::Kind;

// A function of the prelude: how it is evaluated, and how many arguments it takes.
struct Function {
  std::string_view name;
  Kind kind;
  std::string_view text;
  std::size_t arguments;
};
constexpr Function kFunctions[] = {
    {"num", Kind::typed, "number", 1}, {"str", Kind::typed, "string", 1}, {"bool", Kind::typed, "boolean", 1},
    {"arr", Kind::typed, "array", 1},  {"obj", Kind::typed, "object", 1}, {"need", Kind::typed, "", 2},
    {"eq", Kind::same, "==", 2},       {"ne", Kind::same, "!=", 2},       {"lt", Kind::numbers, "<", 2},
    {"le", Kind::numbers, "<=", 2},    {"gt", Kind::numbers, ">", 2},     {"ge", Kind::numbers, ">=", 2},
    {"between", Kind::between, "", 3}, {"none", Kind::none, "", 1},       {"every", Kind::every, "", 2},
};

tl::unexpected<Error> not_plain() {
  return fail(ErrorKind::unavailable, "not plain");
}

PlainTerm term(Kind kind, std::vector<PlainTerm> parts, std::string text = {}) {
  PlainTerm out;
  out.kind = kind;
  out.text = std::move(text);
  out.parts = std::move(parts);
  return out;
}

// Moved, where a list in braces would copy the whole tree below.
template <class... Terms>
std::vector<PlainTerm> parts_of(Terms&&... terms) {
  std::vector<PlainTerm> out;
  out.reserve(sizeof...(terms));
  (out.push_back(std::forward<Terms>(terms)), ...);
  return out;
}

PlainTerm literal(Json value) {
  PlainTerm out;
  out.literal = std::move(value);
  return out;
}

// jq's precedence, from the loosest: `|`, or, and, comparisons (which do not chain), terms.
class Parser {
 public:
  explicit Parser(const std::vector<Token>& tokens) : tokens_(tokens) {}

  Result<PlainTerm> run() {
    SIGNALBOX_TRY(PlainTerm out, piped());
    if (at_ != tokens_.size() || !calls_the_prelude_) return not_plain();
    return out;
  }

 private:
  const Token* next() const { return at_ < tokens_.size() ? &tokens_[at_] : nullptr; }

  bool take(Token::Kind kind, std::string_view text) {
    const Token* token = next();
    if (token == nullptr || token->kind != kind || token->text != text) return false;
    ++at_;
    return true;
  }
  bool take(std::string_view symbol) { return take(Token::Kind::symbol, symbol); }

  Result<PlainTerm> piped() {
    SIGNALBOX_TRY(PlainTerm out, joined(Kind::either));
    while (take("|")) {
      if (take(Token::Kind::word, "not")) {
        out = term(Kind::negation, parts_of(std::move(out)));
      } else if (take(Token::Kind::word, "IN") && take("(")) {
        SIGNALBOX_TRY(out, among(std::move(out)));
      } else {
        return not_plain();
      }
    }
    return out;
  }

  // After `IN(`. true, false and null are left to jq.
  Result<PlainTerm> among(PlainTerm value) {
    std::vector<PlainTerm> parts = parts_of(std::move(value));
    do {
      SIGNALBOX_TRY(PlainTerm one, operand());
      const bool is_text_or_number =
          one.kind == Kind::literal && (one.literal.is_string() || one.literal.is_number());
      if (!is_text_or_number) return not_plain();
      parts.push_back(std::move(one));
    } while (take(","));
    if (!take(")")) return not_plain();
    return term(Kind::among, std::move(parts));
  }

  Result<PlainTerm> joined(Kind kind) {
    const bool is_or = kind == Kind::either;
    SIGNALBOX_TRY(PlainTerm out, is_or ? joined(Kind::both) : comparison());
    if (next() == nullptr || next()->kind != Token::Kind::word || next()->text != (is_or ? "or" : "and"))
      return out;
    std::vector<PlainTerm> parts = parts_of(std::move(out));
    while (take(Token::Kind::word, is_or ? "or" : "and")) {
      SIGNALBOX_TRY(PlainTerm one, is_or ? joined(Kind::both) : comparison());
      parts.push_back(std::move(one));
    }
    return term(kind, std::move(parts));
  }

  // The scanner gives the octets of an operator one by one; jq wants them side by side.
  std::string take_operator() {
    const Token* first = next();
    if (first == nullptr || first->kind != Token::Kind::symbol) return {};
    const Token* second = at_ + 1 < tokens_.size() ? &tokens_[at_ + 1] : nullptr;
    const bool with_equals = second != nullptr && second->kind == Token::Kind::symbol &&
                             second->text == "=" && second->line == first->line &&
                             second->column == first->column + 1;
    const bool is_order = first->text == "<" || first->text == ">";
    if (!is_order && !(with_equals && (first->text == "=" || first->text == "!"))) return {};
    at_ += with_equals ? 2 : 1;
    return first->text + (with_equals ? "=" : "");
  }

  Result<PlainTerm> comparison() {
    SIGNALBOX_TRY(PlainTerm left, operand());
    std::string sign = take_operator();
    if (sign.empty()) return left;
    SIGNALBOX_TRY(PlainTerm right, operand());
    return term(Kind::compared, parts_of(std::move(left), std::move(right)), std::move(sign));
  }

  Result<PlainTerm> operand() {
    if (take("(")) {
      SIGNALBOX_TRY(PlainTerm out, piped());
      if (!take(")")) return not_plain();
      return out;
    }
    const bool is_negative = take("-");
    const Token* token = next();
    if (token == nullptr) return not_plain();
    if (token->kind == Token::Kind::number) return number(is_negative);
    if (is_negative) return not_plain();
    if (token->kind == Token::Kind::field || token->text == ".") return place();
    ++at_;
    if (token->kind == Token::Kind::string) return literal(token->text);
    if (token->kind != Token::Kind::word) return not_plain();
    if (token->text == "true") return literal(true);
    if (token->text == "false") return literal(false);
    if (token->text == "null") return literal(Json());
    return call(token->text);
  }

  Result<PlainTerm> number(bool is_negative) {
    const std::string& text = tokens_[at_++].text;
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end) return not_plain();
    return literal(is_negative ? -value : value);
  }

  Result<PlainTerm> place() {
    PlainTerm out = term(Kind::place, {});
    if (tokens_[at_].kind == Token::Kind::symbol) {
      ++at_;
      return out;
    }
    out.name.clear();
    for (; next() != nullptr && next()->kind == Token::Kind::field; ++at_) {
      out.path.push_back(next()->text);
      out.name += "." + next()->text;
    }
    return out;
  }

  Result<PlainTerm> call(std::string_view name) {
    for (const Function& one : kFunctions) {
      if (one.name != name || !take("(")) continue;
      PlainTerm out = term(one.kind, {}, std::string(one.text));
      do {
        SIGNALBOX_TRY(PlainTerm argument, piped());
        out.parts.push_back(std::move(argument));
      } while (take(";"));
      if (!take(")") || out.parts.size() != one.arguments) return not_plain();
      if (one.kind == Kind::typed && one.arguments == 2) {
        if (out.parts.back().kind != Kind::literal || !out.parts.back().literal.is_string())
          return not_plain();
        out.text = out.parts.back().literal.as_string();
        out.parts.pop_back();
      }
      calls_the_prelude_ = true;
      return out;
    }
    return not_plain();
  }

  const std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  bool calls_the_prelude_ = false;
};

}  // namespace

std::optional<PlainCondition> PlainCondition::parse(std::string_view expression) {
  const auto tokens = scan_expression(expression);
  if (!tokens || !is_utf8(expression)) return std::nullopt;
  auto root = Parser(*tokens).run();
  if (!root) return std::nullopt;
  return PlainCondition(std::move(*root));
}

}  // namespace signalbox::gates
