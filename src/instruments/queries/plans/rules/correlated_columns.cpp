// Seq Scan on addresses  (rows=10) (actual rows=2000)
//   Filter: ((city = 100) AND (country = 50))          the city says which country it is
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {
namespace {

struct Together {
  std::string schema, relation;
  std::vector<std::string> columns;
};

void add(std::vector<std::string>& columns, const std::string& column) {
  if (std::find(columns.begin(), columns.end(), column) == columns.end()) columns.push_back(column);
}

// Columns of one table that are each equal to something.
Together compared(const PlanNode& node) {
  Together out{node.schema, node.relation, {}};
  for (const std::string& condition : {node.filter, node.index_cond, node.recheck_cond}) {
    for (const ConditionTerm& term : terms_of(condition, node.alias)) {
      if (term.kind == ConditionTerm::Kind::equal && term.around == ConditionTerm::Around::nothing)
        add(out.columns, term.column);
    }
  }
  return out;
}

// Columns of one table that are grouped by together.
Together grouped(const PlanFacts& facts, std::size_t i) {
  const PlanNode& node = facts.plan.nodes[i];
  Together out;
  for (std::size_t at = i + 1; at < facts.plan.nodes.size(); ++at) {
    const PlanNode& below = facts.plan.nodes[at];
    if (below.depth <= node.depth) break;
    if (below.relation.empty() || below.relation == out.relation) continue;
    if (!out.relation.empty()) return {};
    out.schema = below.schema;
    out.relation = below.relation;
  }
  for (const std::string& key : node.group_keys) {
    const std::size_t dot = key.rfind('.');
    const std::string name = dot == std::string::npos ? key : key.substr(dot + 1);
    const auto terms = terms_of("(" + name + " = 1)");
    if (terms.size() != 1 || terms[0].column != name) return {};
    add(out.columns, name);
  }
  return out;
}

}  // namespace

void correlated_columns(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (!is_origin_of_misestimate(facts, i)) continue;
    const bool groups = node.type == "Aggregate" || node.type == "Group";
    const Together together = groups ? grouped(facts, i) : compared(node);
    if (together.relation.empty() || together.columns.size() < 2) continue;
    Diagnosis found;
    found.code = "correlated_columns";
    found.node = static_cast<int>(i);
    found.impact_ms = impact_of_estimate(facts, i);
    found.message = fmt::format("{}, as if {} had nothing to do with each other", misjudged_text(facts, i),
                                fmt::join(together.columns, " and "));
    // Of the lists that are gathered by default one that is cut off would hide what the others know.
    const char* const kind = groups                               ? "ndistinct"
                             : node.actual_rows >= node.plan_rows ? "dependencies"
                                                                  : "mcv";
    // Up to 15 a name has to be given.
    const std::string name =
        fmt::format("{}_{}_together", together.relation, fmt::join(together.columns, "_")).substr(0, 63);
    found.remedy =
        fmt::format("CREATE STATISTICS {} ({}) ON {} FROM {};\nANALYZE {};", sql_name(name), kind,
                    fmt::join(together.columns, ", "), sql_name(together.schema, together.relation),
                    sql_name(together.schema, together.relation));
    found.undo = fmt::format("DROP STATISTICS {};", sql_name(name));
    found.test = "estimate and truth of the node differ by less than 2 times";
    found.is_safe_now = true;
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
