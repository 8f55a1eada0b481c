// Limit  (actual rows=10)
//   ->  Index Scan using orders_created on orders      chosen for its order
//         Filter: (customer_id = 42)
//         Rows Removed by Filter: 812345
#include <fmt/format.h>

#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {

void order_limit_index(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    const bool in_order =
        (node.type == "Index Scan" || node.type == "Index Only Scan") && node.index_cond.empty();
    if (!in_order || node.parent < 0 || !discards_most(node)) continue;
    bool limited = false;
    for (int at = node.parent; at >= 0 && !limited;
         at = facts.plan.nodes[static_cast<std::size_t>(at)].parent)
      limited = facts.plan.nodes[static_cast<std::size_t>(at)].type == "Limit";
    if (!limited) continue;
    Diagnosis found;
    found.code = "order_limit_index";
    found.node = static_cast<int>(i);
    found.impact_ms = facts.costs[i].exclusive_ms;
    found.message = fmt::format("{} is read in the order of {} until enough rows fit {}: {} do not",
                                node.relation, node.index, node.filter, count_text(discarded_rows(node)));
    auto columns = index_columns({node.filter}, node.alias);
    const auto order = facts.catalog.index_columns.find(node.index);
    if (columns.empty() || order == facts.catalog.index_columns.end()) {
      found.remedy = fmt::format(
          "an index on {} that begins with {} and goes on with the columns of {}",
          sql_name(node.schema, node.relation),
          columns.empty() ? "the columns of the condition" : fmt::format("{}", fmt::join(columns, ", ")),
          node.index);
    } else {
      // With the condition's columns alone the planner would still count on finding a fit early.
      columns.push_back(order->second);
      found.remedy = create_index(node.schema, node.relation, columns);
      found.undo = "DROP INDEX CONCURRENTLY …;";
      found.test = "no row is thrown away, and they come in order without a sort";
      found.is_safe_now = true;
    }
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
