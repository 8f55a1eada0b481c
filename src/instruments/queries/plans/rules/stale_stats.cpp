// Seq Scan on events  (rows=10) (actual rows=100000)
//   and the catalogue: 100,000 rows of events changed since it was analysed
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {
namespace {

// What autovacuum itself waits for, by its default settings.
constexpr double kManyChanged = 0.1, kFewChanged = 50;

}  // namespace

void stale_stats(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    if (node.relation.empty() || !is_origin_of_misestimate(facts, i)) continue;
    const CatalogTable* const table = facts.catalog.table(node.schema, node.relation);
    if (table == nullptr || table->changed <= kManyChanged * table->rows + kFewChanged) continue;
    Diagnosis found;
    found.code = "stale_stats";
    found.node = static_cast<int>(i);
    found.impact_ms = impact_of_estimate(facts, i);
    found.message = fmt::format("{}; {} rows of {} changed since {}", misjudged_text(facts, i),
                                count_text(table->changed), node.relation,
                                table->was_analyzed ? "its statistics were gathered"
                                                    : "it was made, and no statistics were gathered");
    found.remedy = fmt::format("ANALYZE {};", sql_name(node.schema, node.relation));
    found.test = "estimate and truth of the node differ by less than 2 times";
    found.is_safe_now = true;
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
