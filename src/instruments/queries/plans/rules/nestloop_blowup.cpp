// Nested Loop  (actual rows=48211)
//   ->  Seq Scan on a  (rows=3) (actual rows=48211)
//   ->  Seq Scan on b  (loops=48211)
#include <fmt/format.h>

#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kFarTooLow = 10;
constexpr double kManyLoops = 1'000;

double time_below(const PlanFacts& facts, int node) {
  return facts.costs[static_cast<std::size_t>(node)].inclusive_ms;
}

}  // namespace

void nestloop_blowup(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.type != "Nested Loop" || node.children.size() < 2) continue;
    const PlanNode& outer = facts.plan.nodes[static_cast<std::size_t>(node.children[0])];
    const PlanNode& inner = facts.plan.nodes[static_cast<std::size_t>(node.children[1])];
    const bool too_low = std::max(1.0, outer.actual_rows) >= kFarTooLow * std::max(1.0, outer.plan_rows);
    if (!too_low || inner.actual_loops < kManyLoops) continue;
    Diagnosis found;
    found.code = "nestloop_blowup";
    found.node = static_cast<int>(i);
    found.impact_ms = time_below(facts, node.children[1]);
    found.message = fmt::format(
        "the inner side runs {} times, for the outer side brought {} rows where {} were expected; it takes "
        "{}",
        count_text(inner.actual_loops), count_text(outer.actual_rows), count_text(outer.plan_rows),
        text_of_ms(found.impact_ms));
    found.remedy = outer.relation.empty()
                       ? "ANALYZE the tables of the outer side"
                       : fmt::format("ANALYZE {};", sql_name(outer.schema, outer.relation));
    found.test = "SET LOCAL enable_nestloop = off; shows what another join would take";
    found.is_safe_now = !outer.relation.empty();
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
