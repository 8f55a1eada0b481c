// Limit  (actual rows=20)
//   ->  Index Scan using orders_pkey on orders  (actual rows=500020)
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {
namespace {

constexpr double kManyPassedOver = 1'000;

}  // namespace

void large_offset(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.type != "Limit" || node.children.empty()) continue;
    const PlanNode& child = facts.plan.nodes[static_cast<std::size_t>(node.children[0])];
    const double read = child.actual_rows * child.actual_loops, kept = node.actual_rows * node.actual_loops;
    if (read - kept < kManyPassedOver || read - kept < 0.9 * read) continue;
    Diagnosis found;
    found.code = "large_offset";
    found.node = static_cast<int>(i);
    // All that was read for rows that were passed over.
    found.impact_ms =
        facts.costs[static_cast<std::size_t>(node.children[0])].inclusive_ms * (read - kept) / read;
    found.message =
        fmt::format("OFFSET passes over {} rows to return {}", count_text(read - kept), count_text(kept));
    found.remedy =
        "go on after the last row that was shown instead of counting: WHERE (key) > (last key) ORDER BY key "
        "LIMIT n";
    found.test = "the rows that the Limit reads are those it returns";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
