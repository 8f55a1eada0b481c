#include "instruments/queries/plans/conditions.hpp"

#include <algorithm>
#include <array>

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

// "(name)::text" → name; "t.name" → name; what is no column or function of columns → empty.
std::string expression_of(std::string_view side) {
  side = unwrapped(side);
  // A cast that the types' operators bring along.
  for (const char* cast : {"::text", "::numeric", "::bpchar", "::double precision"}) {
    if (side.ends_with(cast) && side.front() == '(')
      side = unwrapped(side.substr(0, side.size() - std::string_view(cast).size()));
  }
  if (side.empty() || side.front() == '\'' || side.front() == '$' || side.front() == '-' ||
      (side.front() >= '0' && side.front() <= '9'))
    return {};
  const std::size_t bracket = side.find('(');
  if (bracket != std::string_view::npos) {
    // A function of one column: lower(name).
    if (bracket == 0 || after_group(side, bracket) != side.size()) return {};
    std::string inner = expression_of(side.substr(bracket));
    if (inner.empty() || side.find('.') < bracket) return {};
    return fmt::format("{}({})", side.substr(0, bracket), inner);
  }
  if (const std::size_t dot = side.rfind('.'); dot != std::string_view::npos) side = side.substr(dot + 1);
  const bool quoted = side.size() > 2 && side.front() == '"' && side.back() == '"';
  const bool plain = std::all_of(side.begin(), side.end(), is_name_character);
  return quoted || plain ? std::string(side) : std::string();
}

bool is_constant(std::string_view side) {
  side = unwrapped(side);
  if (side.starts_with("ANY (")) return true;
  return !side.empty() && (side.front() == '\'' || side.front() == '$' || side.front() == '-' ||
                           (side.front() >= '0' && side.front() <= '9') || side == "true" ||
                           side == "false" || side.starts_with("now()") || side.starts_with("CURRENT_"));
}

ConditionTerm term_of(std::string_view text) {
  ConditionTerm out;
  text = unwrapped(text);
  if (text.ends_with(" IS NULL")) {
    out.expression = expression_of(text.substr(0, text.size() - 8));
    out.kind = out.expression.empty() ? ConditionTerm::Kind::other : ConditionTerm::Kind::equal;
    return out;
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
    // A constant at one side; of a join the other table's column is as good as one, but it is not told apart.
    const bool right = is_constant(sides[1]);
    if (!right && !is_constant(sides[0])) return out;
    out.expression = expression_of(right ? sides[0] : sides[1]);
    out.kind = out.expression.empty() ? ConditionTerm::Kind::other : each.kind;
    return out;
  }
  // A column that is true or false by itself.
  if (const std::string name = expression_of(text);
      !name.empty() && text.find(' ') == std::string_view::npos) {
    out.expression = name;
    out.kind = ConditionTerm::Kind::equal;
  }
  return out;
}

}  // namespace

std::vector<ConditionTerm> terms_of(std::string_view condition) {
  std::vector<ConditionTerm> out;
  condition = unwrapped(condition);
  if (condition.empty()) return out;
  if (split_top(condition, " OR ").size() > 1) return {ConditionTerm{}};
  for (const std::string_view each : split_top(condition, " AND ")) out.push_back(term_of(each));
  return out;
}

std::vector<std::string> index_columns(const std::vector<std::string>& conditions) {
  std::vector<std::string> out;
  std::string range;
  for (const std::string& condition : conditions) {
    for (const ConditionTerm& term : terms_of(condition)) {
      const bool is_there = std::find(out.begin(), out.end(), term.expression) != out.end();
      if (term.kind == ConditionTerm::Kind::equal && !is_there) out.push_back(term.expression);
      if (term.kind == ConditionTerm::Kind::range && range.empty()) range = term.expression;
    }
  }
  if (!range.empty() && std::find(out.begin(), out.end(), range) == out.end()) out.push_back(range);
  return out;
}

std::string create_index(std::string_view schema, std::string_view relation,
                         const std::vector<std::string>& columns) {
  return fmt::format("CREATE INDEX CONCURRENTLY ON {} ({});", sql_name(schema, relation),
                     fmt::join(columns, ", "));
}

std::string sql_name(std::string_view name) {
  constexpr std::array<std::string_view, 8> kReserved = {"user",   "order", "group", "table",
                                                         "select", "end",   "limit", "default"};
  const bool plain = !name.empty() && !(name.front() >= '0' && name.front() <= '9') &&
                     std::all_of(name.begin(), name.end(), is_name_character) &&
                     std::find(kReserved.begin(), kReserved.end(), name) == kReserved.end();
  if (plain) return std::string(name);
  std::string out = "\"";
  for (const char c : name) {
    out += c;
    if (c == '"') out += c;
  }
  return out + '"';
}

std::string sql_name(std::string_view schema, std::string_view name) {
  return schema.empty() ? sql_name(name) : sql_name(schema) + "." + sql_name(name);
}

}  // namespace signalbox::queries
