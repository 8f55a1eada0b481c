// HashAggregate
//   Batches: 21  Memory Usage: 8241kB  Disk Usage: 21664kB
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

// Groups in memory have headers that those on disk lack.
constexpr double kMemoryForDisk = 3;

}  // namespace

void hashagg_disk(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.type != "Aggregate" || node.disk_usage_kib <= 0) continue;
    Diagnosis found;
    found.code = "hashagg_disk";
    found.node = static_cast<int>(i);
    found.impact_ms = facts.costs[i].exclusive_ms;
    found.message = fmt::format("the groups do not fit in work_mem: {} go through disk",
                                text_of_bytes(static_cast<std::int64_t>(node.disk_usage_kib * 1024)));
    found.remedy = set_work_mem(node.peak_memory_kib + node.disk_usage_kib * kMemoryForDisk);
    found.test = "Disk Usage goes";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
