// Hash Join  (rows=5) (actual rows=48211)
//   ->  Seq Scan on orders  (rows=5) (actual rows=48211)     here it began
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {

void misestimate(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (!is_origin_of_misestimate(facts, i)) continue;
    Diagnosis found;
    found.code = "misestimate";
    found.node = static_cast<int>(i);
    found.impact_ms = impact_of_estimate(facts, i);
    found.message = misjudged_text(facts, i);
    if (!node.relation.empty()) {
      found.remedy = fmt::format("ANALYZE {};", sql_name(node.schema, node.relation));
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
