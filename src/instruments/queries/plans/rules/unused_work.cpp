// CTE Scan on recent  (actual rows=1)
//   Filter: (id = 42)
//   Rows Removed by Filter: 199999
//   CTE recent
//     ->  Seq Scan on orders  (actual rows=200000)
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {
namespace {

constexpr double kMuchMore = 10;
constexpr double kManyRows = 10'000;

// Rows of a CTE that its scans let through.
double rows_used(const PlanFacts& facts, const std::string& cte) {
  double out = 0;
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.type == "CTE Scan" && node.cte_name == cte) out += facts.costs[i].rows;
  }
  return out;
}

void add(const PlanFacts& facts, std::size_t node, double made, double used, std::string remedy,
         Diagnoses& out) {
  if (made < kManyRows || made < kMuchMore * std::max(1.0, used)) return;
  Diagnosis found;
  found.code = "unused_work";
  found.node = static_cast<int>(node);
  found.impact_ms = facts.costs[node].inclusive_ms * (1 - used / made);
  found.message = fmt::format("{} rows are made, {} of them are used", count_text(made), count_text(used));
  found.remedy = std::move(remedy);
  found.test = "the condition stands at the scan of the table, and no more rows are made than used";
  out.push_back(std::move(found));
}

}  // namespace

void unused_work(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.subplan_name.starts_with("CTE ")) {
      const std::string cte = node.subplan_name.substr(4);
      add(facts, i, facts.costs[i].rows, rows_used(facts, cte),
          fmt::format("WITH {} AS NOT MATERIALIZED (…), so that the condition reaches the table; or the "
                      "condition inside of it",
                      sql_name(cte)),
          out);
    } else if (node.type == "Subquery Scan" && node.removed_by_filter > 0) {
      add(facts, i, facts.costs[i].rows + discarded_rows(node), facts.costs[i].rows,
          "the condition " + node.filter + " inside of the sub-select, before what it sorts or groups", out);
    }
  }
}

}  // namespace signalbox::queries
