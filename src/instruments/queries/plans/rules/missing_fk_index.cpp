// Delete on customers
// Trigger for constraint orders_customer_fkey: time=8120.112 calls=100
//   and the catalogue: no index on orders begins with customer
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kMuch = 0.3;

}  // namespace

void missing_fk_index(const PlanFacts& facts, Diagnoses& out) {
  for (const PlanTrigger& trigger : facts.plan.triggers) {
    if (trigger.constraint.empty() || trigger.time_ms < kMuch * facts.total_ms) continue;
    for (const CatalogForeignKey& key : facts.catalog.foreign_keys) {
      const bool is_it =
          key.name == trigger.constraint && (trigger.relation.empty() || key.referred == trigger.relation);
      if (!is_it || key.has_index) continue;
      Diagnosis found;
      found.code = "missing_fk_index";
      found.impact_ms = trigger.time_ms;
      found.message = fmt::format("{} of {} refers to {}: for each of {} rows all of {} is read, {} in all",
                                  fmt::join(key.columns, ", "), key.table, key.referred,
                                  count_text(trigger.calls), key.table, text_of_ms(trigger.time_ms));
      found.remedy = create_index(key.schema, key.table, key.columns);
      found.undo = "DROP INDEX CONCURRENTLY …;";
      found.test = "the time of the trigger goes";
      found.is_safe_now = true;
      out.push_back(std::move(found));
      break;
    }
  }
}

}  // namespace signalbox::queries
