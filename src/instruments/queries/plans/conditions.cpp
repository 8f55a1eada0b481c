#include "instruments/queries/plans/conditions.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::queries {
namespace {

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

// The place after the bracket, quote or name that begins at `at`.
std::size_t after_group(std::string_view text, std::size_t at) {
  int depth = 0;
  char quote = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '\'' || c == '"') {
      quote = c;
    } else if (c == '(') {
      ++depth;
    } else if (c == ')' && --depth == 0) {
      return at + 1;
    }
  }
  return text.size();
}

// "(x)" → x, where the first bracket closes at the end.
std::string_view unwrapped(std::string_view text) {
  text = trim(text);
  while (text.size() > 1 && text.front() == '(' && after_group(text, 0) == text.size())
    text = trim(text.substr(1, text.size() - 2));
  return text;
}

// At the top level, outside of brackets and quotes.
std::vector<std::string_view> split_top(std::string_view text, std::string_view word) {
  std::vector<std::string_view> out;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '(') {
      at = after_group(text, at);
    } else if (text[at] == '\'' || text[at] == '"') {
      const std::size_t end = text.find(text[at], at + 1);
      at = end == std::string_view::npos ? text.size() : end + 1;
    } else if (text.substr(at).starts_with(word)) {
      out.push_back(text.substr(begin, at - begin));
      at += word.size();
      begin = at;
    } else {
      ++at;
    }
  }
  out.push_back(text.substr(begin));
  return out;
}

constexpr int kDeepest = 12;  // brackets in brackets that are looked into

bool is_constant(std::string_view side) {
  side = unwrapped(side);
  if (side.starts_with("ANY (")) return true;
  return !side.empty() && (side.front() == '\'' || side.front() == '$' || side.front() == '-' ||
                           (side.front() >= '0' && side.front() <= '9') || side == "true" ||
                           side == "false" || side.starts_with("now()") || side.starts_with("CURRENT_"));
}

using Around = ConditionTerm::Around;

// One side of a comparison.
struct Operand {
  bool is_value = false;   // a constant, or a column of another table
  std::string expression;  // empty where it is neither
  std::string column, function, cast;
  Around around = Around::nothing;
};

// "o.status": status of o. Names may be quoted.
Operand column_of(std::string_view side, std::string_view alias) {
  Operand out;
  std::string_view before;
  if (const std::size_t dot = side.rfind('.'); dot != std::string_view::npos) {
    before = side.substr(0, dot);
    side = side.substr(dot + 1);
  }
  const bool quoted = side.size() > 2 && side.front() == '"' && side.back() == '"';
  const bool plain = !side.empty() && std::all_of(side.begin(), side.end(), is_name_character);
  if (!quoted && !plain) return out;
  if (!alias.empty() && !before.empty() && before != alias && before != sql_name(alias)) {
    out.is_value = true;
    return out;
  }
  out.column = out.expression = side;
  return out;
}

Operand operand_of(std::string_view side, std::string_view alias, int depth = 0);

// A function of one column, the other arguments constants.
Operand call_of(std::string_view side, std::size_t bracket, std::string_view alias, int depth) {
  const std::string_view name = side.substr(0, bracket);
  std::string_view inside = side.substr(bracket + 1, side.size() - bracket - 2);
  if (name == "EXTRACT") {
    const std::size_t from = inside.find(" FROM ");
    if (from == std::string_view::npos) return {};
    Operand out = operand_of(inside.substr(from + 6), alias, depth);
    if (out.expression.empty()) return {};
    out.around = Around::function;
    out.function = "extract";
    out.expression = fmt::format("EXTRACT({} FROM {})", inside.substr(0, from), out.expression);
    return out;
  }
  Operand out;
  std::string text;
  for (const std::string_view each : split_top(inside, ", ")) {
    std::string argument(each);
    if (!is_constant(each)) {
      Operand operand = operand_of(each, alias, depth);
      if (operand.expression.empty() || !out.column.empty()) return {};
      argument = operand.expression;
      out = std::move(operand);
    }
    text += (text.empty() ? "" : ", ") + argument;
  }
  if (out.column.empty()) return {};
  out.around = Around::function;
  out.function = name;
  out.expression = fmt::format("{}({})", name, text);
  return out;
}

Operand arithmetic_of(std::string_view side, std::string_view alias, int depth) {
  for (const std::string_view sign : {" + ", " - ", " * ", " / ", " % ", " || "}) {
    const auto sides = split_top(side, sign);
    if (sides.size() != 2) continue;
    const bool right = is_constant(sides[1]);
    if (!right && !is_constant(sides[0])) return {};
    Operand out = operand_of(sides[right ? 0 : 1], alias, depth);
    if (out.expression.empty()) return out;
    out.around = Around::arithmetic;
    out.expression = right ? fmt::format("({}{}{})", out.expression, sign, sides[1])
                           : fmt::format("({}{}{})", sides[0], sign, out.expression);
    return out;
  }
  return {};
}

// "(name)::text" is name, compared as text.
Operand operand_of(std::string_view side, std::string_view alias, int depth) {
  side = unwrapped(side);
  Operand out;
  if (side.empty() || ++depth > kDeepest) return out;
  if (is_constant(side)) {
    out.is_value = true;
    return out;
  }
  if (side.front() == '(') {
    const std::size_t end = after_group(side, 0);
    const std::string_view type = side.substr(std::min(side.size(), end + 2));
    const bool is_cast = side.substr(end).starts_with("::") && type.find_first_of("+*/|") == type.npos &&
                         split_top(side, " - ").size() == 1;
    if (!is_cast) return arithmetic_of(side, alias, depth);
    out = operand_of(side.substr(0, end), alias, depth);
    if (out.expression.empty()) return out;
    out.cast = type;
    // The operators of text are those of varchar too.
    if (type == "text" || type == "bpchar") return out;
    if (out.around == Around::nothing) out.around = Around::cast;
    out.expression = fmt::format("(({})::{})", out.expression, type);
    return out;
  }
  const std::size_t bracket = side.find_first_of("( ");
  if (bracket == std::string_view::npos) return column_of(side, alias);
  const bool quoted = side.front() == '"';
  if (!quoted && side[bracket] == '(' && after_group(side, bracket) == side.size())
    return call_of(side, bracket, alias, depth);
  if (quoted && split_top(side, " ").size() == 1) return column_of(side, alias);
  return arithmetic_of(side, alias, depth);
}

void set_operand(ConditionTerm& term, Operand operand) {
  term.expression = std::move(operand.expression);
  term.column = std::move(operand.column);
  term.function = std::move(operand.function);
  term.cast = std::move(operand.cast);
  term.around = operand.around;
}

// LIKE and ILIKE: what can be looked up of their pattern.
ConditionTerm like_term(std::string_view left, std::string_view pattern, bool ignoring_case,
                        std::string_view alias) {
  ConditionTerm out;
  pattern = unwrapped(pattern);
  if (pattern.size() < 2 || pattern.front() != '\'') return out;
  set_operand(out, operand_of(left, alias));
  if (out.expression.empty()) return out;
  const bool open = pattern[1] == '%' || pattern[1] == '_';
  out.kind = open || ignoring_case ? ConditionTerm::Kind::pattern : ConditionTerm::Kind::prefix;
  return out;
}

ConditionTerm term_of(std::string_view text, std::string_view alias) {
  ConditionTerm out;
  text = unwrapped(text);
  if (text.ends_with(" IS NULL")) {
    set_operand(out, operand_of(text.substr(0, text.size() - 8), alias));
    out.kind = out.expression.empty() ? ConditionTerm::Kind::other : ConditionTerm::Kind::equal;
    return out;
  }
  for (const std::string_view sign : {" ~~ ", " ~~* "}) {
    const auto sides = split_top(text, sign);
    if (sides.size() == 2) return like_term(sides[0], sides[1], sign == " ~~* ", alias);
  }
  struct Operator {
    std::string_view text;
    ConditionTerm::Kind kind;
  };
  constexpr Operator kOperators[] = {{" = ", ConditionTerm::Kind::equal},
                                     {" >= ", ConditionTerm::Kind::range},
                                     {" <= ", ConditionTerm::Kind::range},
                                     {" > ", ConditionTerm::Kind::range},
                                     {" < ", ConditionTerm::Kind::range}};
  for (const Operator& each : kOperators) {
    const auto sides = split_top(text, each.text);
    if (sides.size() != 2) continue;
    Operand left = operand_of(sides[0], alias), right = operand_of(sides[1], alias);
    if (left.is_value == right.is_value) return out;
    const bool turned = left.is_value;
    set_operand(out, turned ? std::move(right) : std::move(left));
    out.value = unwrapped(sides[turned ? 0 : 1]);
    out.sign = trim(each.text);
    if (turned && out.sign.front() != '=') out.sign.front() = out.sign.front() == '<' ? '>' : '<';
    out.kind = out.expression.empty() ? ConditionTerm::Kind::other : each.kind;
    return out;
  }
  // A column that is true or false by itself.
  if (text.find(' ') == std::string_view::npos) {
    set_operand(out, operand_of(text, alias));
    if (!out.expression.empty()) out.kind = ConditionTerm::Kind::equal;
  }
  return out;
}

// Whether an index may have it as it is.
bool is_indexable(const ConditionTerm& term) {
  return term.around == Around::nothing || (term.around == Around::function && is_immutable(term.function));
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

std::vector<ConditionTerm> terms_of(std::string_view condition, std::string_view alias) {
  std::vector<ConditionTerm> out;
  condition = unwrapped(condition);
  if (condition.empty()) return out;
  if (split_top(condition, " OR ").size() > 1) return {ConditionTerm{}};
  for (const std::string_view each : split_top(condition, " AND ")) out.push_back(term_of(each, alias));
  return out;
}

std::vector<std::string> or_branches(std::string_view condition) {
  for (const std::string_view term : split_top(unwrapped(condition), " AND ")) {
    const auto branches = split_top(unwrapped(term), " OR ");
    if (branches.size() < 2) continue;
    std::vector<std::string> out;
    for (const std::string_view each : branches) out.emplace_back(unwrapped(each));
    return out;
  }
  return {};
}

std::vector<std::string> aliases_in(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    if (text[at] == '\'') {
      const std::size_t end = text.find('\'', at + 1);
      at = end == std::string_view::npos ? text.size() : end + 1;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_name_character(text[end])) ++end;
    const bool is_name = end > at && !(text[at] >= '0' && text[at] <= '9');
    if (is_name && end < text.size() && text[end] == '.') {
      const std::string name(text.substr(at, end - at));
      if (!contains(out, name)) out.push_back(name);
    }
    at = std::max(end, at + 1);
  }
  return out;
}

bool is_immutable(std::string_view function) {
  constexpr std::string_view kNames[] = {
      "lower",     "upper", "md5",   "abs",   "length",   "substr",        "substring",  "\"left\"",
      "\"right\"", "btrim", "ltrim", "rtrim", "reverse",  "replace",       "split_part", "round",
      "floor",     "ceil",  "mod",   "sqrt",  "COALESCE", "\"substring\"", "char_length"};
  return std::find(std::begin(kNames), std::end(kNames), function) != std::end(kNames);
}

std::vector<std::string> index_columns(const std::vector<std::string>& conditions, std::string_view alias) {
  std::vector<std::string> out;
  std::string range;
  for (const std::string& condition : conditions) {
    for (const ConditionTerm& term : terms_of(condition, alias)) {
      if (!is_indexable(term)) continue;
      if (term.kind == ConditionTerm::Kind::equal && !contains(out, term.expression))
        out.push_back(term.expression);
      if (!range.empty()) continue;
      if (term.kind == ConditionTerm::Kind::range) range = term.expression;
      // Any collation serves it so.
      if (term.kind == ConditionTerm::Kind::prefix) range = term.expression + " text_pattern_ops";
    }
  }
  if (!range.empty() && !contains(out, range)) out.push_back(range);
  return out;
}

std::string create_index(std::string_view schema, std::string_view relation,
                         const std::vector<std::string>& columns) {
  return fmt::format("CREATE INDEX CONCURRENTLY ON {} ({});", sql_name(schema, relation),
                     fmt::join(columns, ", "));
}

}  // namespace signalbox::queries
