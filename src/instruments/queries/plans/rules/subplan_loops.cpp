// Seq Scan on orders
//   SubPlan 1
//     ->  Aggregate  (loops=50000)
#include <fmt/format.h>

#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kManyLoops = 1'000;

}  // namespace

void subplan_loops(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.parent_relationship != "SubPlan" || node.actual_loops < kManyLoops) continue;
    Diagnosis found;
    found.code = "subplan_loops";
    found.node = static_cast<int>(i);
    found.impact_ms = facts.costs[i].inclusive_ms;
    found.message =
        fmt::format("a sub-select is run {} times, once for each row outside, and takes {} in all",
                    count_text(node.actual_loops), text_of_ms(found.impact_ms));
    found.remedy = "write it as a join: JOIN (SELECT key, … GROUP BY key) s ON s.key = t.key";
    found.test = "the plan has no SubPlan";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
