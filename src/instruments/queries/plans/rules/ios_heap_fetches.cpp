// Index Only Scan using orders_total on orders  (actual rows=100000)
//   Heap Fetches: 100000
#include <fmt/format.h>

#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {
namespace {

constexpr double kManyFetches = 1'000;
constexpr double kMostRows = 0.5;

}  // namespace

void ios_heap_fetches(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    const double rows = facts.costs[i].rows;
    if (node.type != "Index Only Scan" || node.heap_fetches < kManyFetches ||
        node.heap_fetches < kMostRows * rows)
      continue;
    Diagnosis found;
    found.code = "ios_heap_fetches";
    found.node = static_cast<int>(i);
    found.impact_ms = facts.costs[i].exclusive_ms;
    found.message = fmt::format(
        "the index has all columns, yet {} of {} rows are looked up in {}: its pages are not known to be "
        "visible to all",
        count_text(node.heap_fetches), count_text(rows), node.relation);
    found.remedy = fmt::format("VACUUM {};", sql_name(node.schema, node.relation));
    found.test = "Heap Fetches goes to 0, for as long as the table is vacuumed often enough";
    found.is_safe_now = true;
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
