// Sort
//   Sort Method: external merge  Disk: 91200kB
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

// What is on disk is packed; in memory a sort needs about twice that, and some room.
constexpr double kMemoryForDisk = 2 * 1.3;

}  // namespace

void disk_sort(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.sort_space_type != "Disk" || node.sort_space_kib <= 0) continue;
    Diagnosis found;
    found.code = "disk_sort";
    found.node = static_cast<int>(i);
    found.impact_ms = facts.costs[i].exclusive_ms;
    found.message = fmt::format("the sort by {} does not fit in work_mem and writes {} to disk",
                                fmt::join(node.sort_keys, ", "),
                                text_of_bytes(static_cast<std::int64_t>(node.sort_space_kib * 1024)));
    found.remedy = set_work_mem(node.sort_space_kib * kMemoryForDisk);
    found.test =
        "Sort Method becomes quicksort; with a warm page cache the gain may be small, an index in this order "
        "saves the sort itself";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
