// Seq Scan on orders  (actual rows=12)
//   Filter: (customer_id = 42)
//   Rows Removed by Filter: 999988
#include <fmt/format.h>

#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {

void seqscan_discard(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.type != "Seq Scan" || !discards_most(node) || defeat_of(facts, node)) continue;
    Diagnosis found;
    found.code = "seqscan_discard";
    found.node = static_cast<int>(i);
    found.impact_ms = facts.costs[i].exclusive_ms;
    found.message = fmt::format("all of {} is read, and {} of {} rows are thrown away by {}", node.relation,
                                count_text(discarded_rows(node)),
                                count_text(discarded_rows(node) + facts.costs[i].rows), node.filter);
    const auto columns = index_columns({node.filter}, node.alias);
    if (columns.empty()) {
      found.remedy = or_branches(node.filter).empty()
                         ? "rewrite the condition so that an index can serve it: it compares no column, or "
                           "no function of one, with a value"
                         : "an index for each branch of the OR, which are then put together";
    } else {
      found.remedy = create_index(node.schema, node.relation, columns);
      found.undo = "DROP INDEX CONCURRENTLY …;";
      found.test = "the scan becomes an index scan, and the time of the node goes";
      found.is_safe_now = true;
    }
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
