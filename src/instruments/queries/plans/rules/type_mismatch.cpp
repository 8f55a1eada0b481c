// Seq Scan on orders  (actual rows=1)
//   Filter: ((id)::numeric = 42.0)                     an index on id, which is bigint, does not serve it
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {

void type_mismatch(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.type != "Seq Scan" || !discards_most(node)) continue;
    const auto defeat = defeat_of(facts, node);
    if (!defeat || defeat->code != "type_mismatch") continue;
    Diagnosis found;
    found.code = "type_mismatch";
    found.node = static_cast<int>(i);
    found.impact_ms = facts.costs[i].exclusive_ms;
    found.message = fmt::format(
        "{} is compared as {}, so that each of {} rows is turned into that first and "
        "no index on it serves",
        defeat->term.column, defeat->term.cast, count_text(discarded_rows(node) + facts.costs[i].rows));
    found.remedy = fmt::format(
        "give the value the {} of {}, in the driver or as CAST(value AS {}); and an "
        "index on {}",
        defeat->type.empty() ? "type" : "type " + defeat->type, defeat->term.column,
        defeat->type.empty() ? "the type" : defeat->type, defeat->term.column);
    found.test = "the condition names the column without a cast, and the scan becomes an index scan";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
