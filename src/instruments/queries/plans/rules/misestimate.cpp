// Hash Join  (rows=5) (actual rows=48211)
//   ->  Seq Scan on orders  (rows=5) (actual rows=48211)     here it began
#include <fmt/format.h>

#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {
namespace {

constexpr double kWrong = 10, kRight = 3;
constexpr double kManyRows = 1'000;

bool is_wrong(const PlanFacts& facts, std::size_t i) {
  const PlanNode& node = facts.plan.nodes[i];
  return facts.costs[i].q_error >= kWrong && std::max(node.plan_rows, node.actual_rows) >= kManyRows;
}

// All that it reads was judged well.
bool is_origin(const PlanFacts& facts, std::size_t i) {
  const auto& children = facts.plan.nodes[i].children;
  return std::all_of(children.begin(), children.end(), [&](int child) {
    return facts.costs[static_cast<std::size_t>(child)].q_error < kRight;
  });
}

// A Limit above stops a node early, which is no wrong estimate; so does a join that needs no more rows.
bool may_be_cut_short(const PlanFacts& facts, std::size_t i) {
  for (int at = facts.plan.nodes[i].parent; at >= 0;
       at = facts.plan.nodes[static_cast<std::size_t>(at)].parent) {
    const PlanNode& above = facts.plan.nodes[static_cast<std::size_t>(at)];
    if (above.type == "Limit" || above.type == "Merge Join" || above.join_type == "Semi" ||
        above.join_type == "Anti")
      return true;
    if (above.type == "Sort" || above.type == "Hash" || above.type == "Aggregate") return false;
  }
  return false;
}

std::string statistics_of(const PlanNode& node) {
  std::vector<std::string> columns;
  for (const ConditionTerm& term : terms_of(node.filter.empty() ? node.index_cond : node.filter)) {
    if (term.kind == ConditionTerm::Kind::equal && term.expression.find('(') == std::string::npos)
      columns.push_back(term.expression);
  }
  if (columns.size() < 2) return {};
  // Up to 15 a name has to be given.
  const std::string name =
      fmt::format("{}_{}_together", node.relation, fmt::join(columns, "_")).substr(0, 63);
  return fmt::format("CREATE STATISTICS {} ON {} FROM {};", sql_name(name), fmt::join(columns, ", "),
                     sql_name(node.schema, node.relation));
}

}  // namespace

void misestimate(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (!is_wrong(facts, i) || !is_origin(facts, i)) continue;
    const bool fewer = node.actual_rows < node.plan_rows;
    if (fewer && may_be_cut_short(facts, i)) continue;
    Diagnosis found;
    found.code = "misestimate";
    found.node = static_cast<int>(i);
    // What stands on the estimate: the node and all above it.
    found.impact_ms = facts.total_ms * 0.5;
    found.message =
        fmt::format("{} rows were expected, {} came: {:.0f} times {}", count_text(node.plan_rows),
                    count_text(node.actual_rows), facts.costs[i].q_error, fewer ? "fewer" : "more");
    if (!node.relation.empty()) {
      const std::string table = sql_name(node.schema, node.relation);
      // Of columns that go together: their own statistics, which ANALYZE then gathers.
      const std::string statistics = statistics_of(node);
      found.remedy = (statistics.empty() ? "" : statistics + "\n") + fmt::format("ANALYZE {};", table);
      found.undo = statistics.empty() ? "" : "DROP STATISTICS …;";
      found.is_safe_now = true;
    } else {
      found.remedy =
          "the tables below were judged well, what they have in common was not: extended statistics on the "
          "columns that are joined or grouped by";
    }
    found.test = "estimate and truth of the node differ by less than 2 times";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
