// Delete on customers
// Trigger for constraint orders_customer_fkey: time=8120.112 calls=100
#include <fmt/format.h>

#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kMuch = 0.3;
constexpr double kSlowCallMs = 0.1;  // a key that is looked up by an index takes a tenth of that

}  // namespace

void trigger_heavy(const PlanFacts& facts, Diagnoses& out) {
  for (const PlanTrigger& trigger : facts.plan.triggers) {
    if (trigger.time_ms < kMuch * facts.total_ms || trigger.time_ms < kSlowCallMs * trigger.calls) continue;
    Diagnosis found;
    found.code = "trigger_heavy";
    found.impact_ms = trigger.time_ms;
    const bool is_key = !trigger.constraint.empty() || trigger.name.starts_with("RI_ConstraintTrigger");
    found.message =
        fmt::format("{} takes {} in {} calls",
                    is_key ? "the foreign key " + trigger.constraint : "the trigger " + trigger.name,
                    text_of_ms(trigger.time_ms), count_text(trigger.calls));
    found.remedy =
        is_key ? "an index on the referring columns of " + trigger.constraint +
                     ": CREATE INDEX CONCURRENTLY ON referring_table (columns);"
               : "look at what the trigger's function runs: SET auto_explain.log_nested_statements = on";
    found.test = "the time of the trigger goes";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
