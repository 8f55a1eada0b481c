// Index Scan using orders_status on orders  (rows=3) (actual rows=90000)
//   Index Cond: (status = $1)                           one plan for all values of $1
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {
namespace {

constexpr double kWrong = 10, kManyRows = 1'000;

// "$1" of the statement: "$0" and those that an InitPlan or a sub-select sets are not.
bool names_parameter(const PlanFacts& facts, const std::string& text) {
  for (std::size_t at = text.find('$'); at != std::string::npos; at = text.find('$', at + 1)) {
    std::size_t end = at + 1;
    while (end < text.size() && text[end] >= '0' && text[end] <= '9') ++end;
    if (end == at + 1 || text[at + 1] == '0') continue;
    const std::string name = text.substr(at, end - at);
    const bool is_set =
        std::any_of(facts.plan.nodes.begin(), facts.plan.nodes.end(),
                    [&](const PlanNode& each) { return each.subplan_name.find(name) != std::string::npos; });
    if (!is_set) return true;
  }
  return false;
}

}  // namespace

void generic_plan(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.relation.empty() || facts.costs[i].q_error < kWrong) continue;
    if (std::max(node.plan_rows, node.actual_rows) < kManyRows) continue;
    const std::string conditions = node.filter + " " + node.index_cond + " " + node.recheck_cond;
    if (!names_parameter(facts, conditions)) continue;
    Diagnosis found;
    found.code = "generic_plan";
    found.node = static_cast<int>(i);
    found.impact_ms = impact_of_estimate(facts, i);
    if (node.type == "Seq Scan") found.impact_ms += facts.costs[i].exclusive_ms;
    found.message = fmt::format("{}: the plan was made without looking at the values of its parameters",
                                misjudged_text(facts, i));
    found.remedy = "SET LOCAL plan_cache_mode = force_custom_plan;";
    found.test = "EXPLAIN (ANALYZE) EXECUTE shows the value in place of $n, and estimate and truth agree";
    found.is_safe_now = true;
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
