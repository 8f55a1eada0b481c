// Seq Scan on documents  (actual time=0.2..812.5)
//   I/O Timings: shared/local read=640.1
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kMuch = 0.5;

}  // namespace

void io_bound(const PlanFacts& facts, Diagnoses& out) {
  std::size_t most = 0;
  double all_ms = 0;
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    // Processes that read at the same time waited at the same time.
    const auto waited = [&](std::size_t at) {
      return facts.costs[at].buffers.read_ms / std::max(1.0, facts.costs[at].processes);
    };
    all_ms += waited(i);
    if (waited(i) > waited(most)) most = i;
  }
  if (all_ms <= 0 || all_ms < kMuch * facts.total_ms) return;
  const PlanNode& node = facts.plan.nodes[most];
  Diagnosis found;
  found.code = "io_bound";
  found.node = static_cast<int>(most);
  found.impact_ms = all_ms;
  found.message = fmt::format(
      "{} of {} are spent waiting for {} to be read", text_of_ms(all_ms), text_of_ms(facts.total_ms),
      text_of_blocks(static_cast<std::int64_t>(facts.costs[most].buffers.shared_read)));
  const std::string name = node.relation.empty() ? "what is read" : sql_name(node.schema, node.relation);
  found.remedy = fmt::format(
      "read less of {}: an index that has all columns that are used; or keep it in memory: shared_buffers "
      "(a restart)",
      name);
  found.test = "the second execution, which finds what the first one read, takes half the time or less";
  out.push_back(std::move(found));
}

}  // namespace signalbox::queries
