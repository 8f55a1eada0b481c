// Seq Scan on users  (actual rows=1)
//   Filter: (lower((email)::text) = 'a@b'::text)       an index on email does not serve it
//   Rows Removed by Filter: 999999
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {

void func_on_column(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.type != "Seq Scan" || !discards_most(node)) continue;
    const auto defeat = defeat_of(facts, node);
    if (!defeat || defeat->code != "func_on_column") continue;
    Diagnosis found;
    found.code = "func_on_column";
    found.node = static_cast<int>(i);
    found.impact_ms = facts.costs[i].exclusive_ms;
    found.message = fmt::format(
        "{} is compared, which an index on {} does not serve: all of {} is read, and "
        "{} rows are thrown away",
        defeat->term.expression, defeat->term.column, node.relation, count_text(discarded_rows(node)));
    const bool may_be_held =
        defeat->term.around == ConditionTerm::Around::function && is_immutable(defeat->term.function);
    if (may_be_held) {
      // ANALYZE gathers statistics of the expression, which it has none of without the index.
      found.remedy =
          fmt::format("{}\nANALYZE {};", create_index(node.schema, node.relation, {defeat->term.expression}),
                      sql_name(node.schema, node.relation));
      found.undo = "DROP INDEX CONCURRENTLY …;";
      found.is_safe_now = true;
    } else {
      found.remedy = fmt::format(
          "compare {0} itself with a value or a range: of a day, {0} >= day AND {0} < day + 1; of {0} + 1 = "
          "n, {0} = n - 1; and an index on {0}",
          defeat->term.column);
    }
    found.test = "the scan becomes an index scan, and the time of the node goes";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
