// What the rules about conditions that no index on a column serves have in common.
#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {
namespace {

using Around = ConditionTerm::Around;
using Kind = ConditionTerm::Kind;

bool is_text(std::string_view type) {
  return type.empty() || type == "text" || type == "name" || type.starts_with("character varying");
}

bool is_number(std::string_view type) {
  return type == "numeric" || type == "double precision" || type == "real" || type == "bigint" ||
         type == "integer";
}

// The code, or empty where an index on the column serves the term.
std::string code_of(const ConditionTerm& term, std::string_view type) {
  if (term.kind == Kind::pattern) return "leading_wildcard";
  // Numbers are made wider by their operators; text is what people turn numbers into.
  const bool is_wider = term.around == Around::cast && is_number(term.cast);
  const bool is_other_text = term.around == Around::nothing && term.cast == "text" && !is_text(type);
  if (is_wider || is_other_text) return "type_mismatch";
  return term.around == Around::nothing ? "" : "func_on_column";
}

}  // namespace

std::optional<Defeat> defeat_of(const PlanFacts& facts, const PlanNode& node) {
  std::optional<Defeat> out;
  for (const ConditionTerm& term : terms_of(node.filter, node.alias)) {
    if (term.kind == Kind::other) continue;
    std::string type = facts.catalog.type_of(node.schema, node.relation, term.column);
    std::string code = code_of(term, type);
    if (code.empty()) return std::nullopt;
    if (!out) out = Defeat{std::move(code), term, std::move(type)};
  }
  return out;
}

}  // namespace signalbox::queries
