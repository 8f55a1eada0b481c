// Seq Scan on documents  (actual time=0.2..812.5)
//   Buffers: shared hit=12 read=40000                  others of the same statement read 20 blocks
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kManyBlocks = 1'000;
constexpr double kMoreBlocks = 5, kMoreTime = 1.5;

}  // namespace

void cold_cache(const PlanFacts& facts, Diagnoses& out) {
  const PlanSurroundings& usual = facts.surroundings;
  if (!usual.usual_ms || !usual.usual_read_blocks) return;
  const double read = facts.plan.nodes.front().buffers.shared_read;
  if (read < kManyBlocks || read < kMoreBlocks * *usual.usual_read_blocks) return;
  if (facts.total_ms < kMoreTime * *usual.usual_ms) return;
  std::size_t most = 0;
  for (std::size_t i = 1; i < facts.plan.nodes.size(); ++i) {
    if (facts.costs[i].buffers.shared_read > facts.costs[most].buffers.shared_read) most = i;
  }
  const PlanNode& node = facts.plan.nodes[most];
  Diagnosis found;
  found.code = "cold_cache";
  found.node = static_cast<int>(most);
  found.impact_ms = facts.total_ms - *usual.usual_ms;
  found.message = fmt::format("{} were read, usually it is {}; it took {} instead of {}",
                              text_of_blocks(static_cast<std::int64_t>(read)),
                              text_of_blocks(static_cast<std::int64_t>(*usual.usual_read_blocks)),
                              text_of_ms(facts.total_ms), text_of_ms(*usual.usual_ms));
  const std::string& object = node.index.empty() || node.type == "Index Scan" ? node.relation : node.index;
  if (object.empty()) {
    found.remedy = "nothing: it is fast again once its pages are in memory";
  } else {
    found.remedy = fmt::format("CREATE EXTENSION IF NOT EXISTS pg_prewarm;\nSELECT pg_prewarm({});",
                               sql_literal(sql_name(node.schema, object)));
  }
  found.test = "it takes its usual time; after a restart pg_prewarm.autoprewarm does the same by itself";
  out.push_back(std::move(found));
}

}  // namespace signalbox::queries
