// Sort  (width=2048) (actual rows=100000)               200 MB are sorted for a key of 4 octets
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kWideBytes = 512;
constexpr double kMuchBytes = 4.0 * 1024 * 1024;

}  // namespace

void wide_row(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    const bool keeps = node.type == "Sort" || node.type == "Hash" || node.type == "Materialize";
    const bool spills =
        node.sort_space_type == "Disk" || node.hash_batches > 1 || facts.costs[i].buffers.temp_written > 0;
    // What comes in: what is above may want a few of them.
    const double rows = node.children.empty() ? facts.costs[i].rows
                                              : facts.costs[static_cast<std::size_t>(node.children[0])].rows;
    const double bytes = rows * node.plan_width;
    if (!keeps || !spills || node.plan_width < kWideBytes || bytes < kMuchBytes) continue;
    Diagnosis found;
    found.code = "wide_row";
    found.node = static_cast<int>(i);
    found.impact_ms = facts.costs[i].exclusive_ms;
    if (node.type == "Hash" && node.parent >= 0)
      found.impact_ms += facts.costs[static_cast<std::size_t>(node.parent)].exclusive_ms;
    found.message =
        fmt::format("{} rows of {} octets each go through a {}, {} in all: more than its memory holds",
                    count_text(rows), count_text(node.plan_width),
                    node.type == "Sort"   ? "sort"
                    : node.type == "Hash" ? "hash table"
                                          : "store",
                    text_of_bytes(static_cast<std::int64_t>(bytes)));
    found.remedy =
        "carry the key alone, and fetch the wide columns for the rows that are left: SELECT … FROM (SELECT "
        "key … ) k JOIN t USING (key); columns that are not used leave out";
    found.test = "width of the node, and that it stays in memory";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
