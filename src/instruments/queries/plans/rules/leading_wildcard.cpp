// Seq Scan on users  (actual rows=3)
//   Filter: (name ~~ '%smith'::text)                   no place in a B-tree begins with that
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {

void leading_wildcard(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.type != "Seq Scan" || !discards_most(node)) continue;
    const auto defeat = defeat_of(facts, node);
    if (!defeat || defeat->code != "leading_wildcard") continue;
    Diagnosis found;
    found.code = "leading_wildcard";
    found.node = static_cast<int>(i);
    found.impact_ms = facts.costs[i].exclusive_ms;
    found.message = fmt::format(
        "the pattern on {} begins anywhere, so that no B-tree serves it: all of {} is "
        "read, and {} rows are thrown away",
        defeat->term.column, node.relation, count_text(discarded_rows(node)));
    found.remedy = fmt::format(
        "CREATE EXTENSION IF NOT EXISTS pg_trgm;\nCREATE INDEX CONCURRENTLY ON {} USING gin ({} "
        "gin_trgm_ops);",
        sql_name(node.schema, node.relation), defeat->term.expression);
    found.undo = "DROP INDEX CONCURRENTLY …;";
    found.test = "the scan becomes a bitmap scan; patterns of fewer than three letters are not served";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
