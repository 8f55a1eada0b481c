// Planning Time: 41.2 ms
// Execution Time: 0.3 ms
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kLongMs = 5;

}  // namespace

void planning_heavy(const PlanFacts& facts, Diagnoses& out) {
  const double planning = facts.plan.planning_ms.value_or(0);
  if (planning < kLongMs || planning < facts.total_ms) return;
  Diagnosis found;
  found.code = "planning_heavy";
  found.impact_ms = planning;
  found.message =
      fmt::format("planning takes {}, execution {}", text_of_ms(planning), text_of_ms(facts.total_ms));
  found.remedy =
      "prepare the statement and keep it: a generic plan is made once (PREPARE, or the driver's prepared "
      "statements, with plan_cache_mode = force_generic_plan where it is as good); fewer joins or "
      "partitions make planning itself shorter";
  found.test = "EXPLAIN (ANALYZE) EXECUTE of it, the second time: no planning time to speak of";
  out.push_back(std::move(found));
}

}  // namespace signalbox::queries
