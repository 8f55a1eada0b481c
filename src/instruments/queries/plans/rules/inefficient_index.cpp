// Index Scan using orders_status on orders  (actual rows=10)
//   Index Cond: (status = 'open')
//   Filter: (customer_id = 42)
//   Rows Removed by Filter: 250000
#include <fmt/format.h>

#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {
namespace {

// A Bitmap Heap Scan has its condition as Recheck Cond.
std::string condition_of(const PlanNode& node) {
  return node.index_cond.empty() ? node.recheck_cond : node.index_cond;
}

}  // namespace

void inefficient_index(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    const bool scans =
        node.type == "Index Scan" || node.type == "Index Only Scan" || node.type == "Bitmap Heap Scan";
    if (!scans || condition_of(node).empty() || !discards_most(node)) continue;
    Diagnosis found;
    found.code = "inefficient_index";
    found.node = static_cast<int>(i);
    found.impact_ms = facts.costs[i].exclusive_ms;
    found.message = fmt::format("the index finds {} rows of {} by {}, and {} of them are thrown away by {}",
                                count_text(discarded_rows(node) + facts.costs[i].rows), node.relation,
                                condition_of(node), count_text(discarded_rows(node)), node.filter);
    const auto columns = index_columns({condition_of(node), node.filter}, node.alias);
    if (!columns.empty()) {
      found.remedy = create_index(node.schema, node.relation, columns);
      found.undo = "DROP INDEX CONCURRENTLY …;";
      found.test = "Rows Removed by Filter goes";
      found.is_safe_now = true;
    } else {
      found.remedy = "an index over all columns of both conditions";
    }
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
