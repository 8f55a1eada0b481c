// Hash
//   Buckets: 65536  Batches: 16  Memory Usage: 2688kB
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kRoom = 1.3;

}  // namespace

void hash_batches(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.type != "Hash" || node.hash_batches <= 1 || node.parent < 0) continue;
    Diagnosis found;
    found.code = "hash_batches";
    found.node = static_cast<int>(i);
    found.impact_ms =
        facts.costs[i].exclusive_ms + facts.costs[static_cast<std::size_t>(node.parent)].exclusive_ms;
    const bool grew = node.original_hash_batches > 0 && node.hash_batches > node.original_hash_batches;
    found.message = fmt::format(
        "the table that is hashed does not fit in work_mem: it is done in {} batches{}, all but one through "
        "disk",
        count_text(node.hash_batches),
        grew ? fmt::format(" where {} were planned", count_text(node.original_hash_batches)) : "");
    // Each batch is as large as the one in memory.
    found.remedy = set_work_mem(node.peak_memory_kib * node.hash_batches * kRoom);
    found.test = "Batches becomes 1; with a warm page cache the gain may be small";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
