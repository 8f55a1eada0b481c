// Append
//   ->  Index Scan using events_2026_01_id_idx on events_2026_01  (actual rows=0)
//   ->  … 59 more, one of which has the row
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMany = 10;
constexpr double kMost = 0.9;

bool is_empty_scan(const PlanNode& node) {
  return !node.relation.empty() && node.actual_loops > 0 && node.actual_rows == 0;
}

}  // namespace

void partition_fanout(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.type != "Append" && node.type != "Merge Append") continue;
    std::size_t scanned = 0, empty = 0;
    double for_nothing_ms = 0;
    std::string key;
    for (const int child : node.children) {
      const auto at = static_cast<std::size_t>(child);
      const PlanNode& part = facts.plan.nodes[at];
      if (part.actual_loops == 0 || part.relation.empty()) continue;
      ++scanned;
      const CatalogTable* const table = facts.catalog.table(part.schema, part.relation);
      if (table != nullptr && key.empty()) key = table->partition_key;
      if (!is_empty_scan(part)) continue;
      ++empty;
      for_nothing_ms += facts.costs[at].inclusive_ms;
    }
    if (scanned < kMany || static_cast<double>(empty) < kMost * static_cast<double>(scanned)) continue;
    Diagnosis found;
    found.code = "partition_fanout";
    found.node = static_cast<int>(i);
    // Each one is planned, opened and locked too.
    found.impact_ms = for_nothing_ms + facts.costs[i].exclusive_ms + facts.plan.planning_ms.value_or(0);
    found.message = fmt::format("{} of {} partitions are looked through and have nothing", empty, scanned);
    found.remedy = fmt::format(
        "a condition on the key of the partitions{}, so that the others are left out; where it is not known, "
        "larger partitions",
        key.empty() ? "" : " (" + key + ")");
    found.test = "the plan has the partitions that hold the rows, and no others";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
