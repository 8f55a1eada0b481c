// Bitmap Heap Scan on orders
//   Rows Removed by Index Recheck: 181234
//   Heap Blocks: exact=620 lossy=8911
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {
namespace {

// A page that is known row by row takes so much in a bitmap of PostgreSQL (tidbitmap.c: PagetableEntry and
// its hash table, which is kept half empty).
constexpr double kBytesOfPage = 128;

}  // namespace

void lossy_bitmap(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.type != "Bitmap Heap Scan" || node.lossy_heap_blocks <= 0) continue;
    Diagnosis found;
    found.code = "lossy_bitmap";
    found.node = static_cast<int>(i);
    found.impact_ms = facts.costs[i].exclusive_ms;
    found.message = fmt::format(
        "the bitmap does not fit in work_mem: of {} pages of {} every row is looked at, and {} of them for "
        "nothing",
        count_text(node.lossy_heap_blocks), node.relation,
        count_text(node.removed_by_recheck * node.actual_loops));
    // A page that is lossy stands for many more that were not counted one by one.
    found.remedy = set_work_mem(
        std::max(4096.0, (node.exact_heap_blocks + node.lossy_heap_blocks) * kBytesOfPage * 2 / 1024));
    found.test = "Heap Blocks has no lossy ones";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
