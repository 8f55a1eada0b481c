// JIT:
//   Timing: … Total 210.3 ms
// Execution Time: 260.1 ms
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kMuch = 0.3;

}  // namespace

void jit_heavy(const PlanFacts& facts, Diagnoses& out) {
  if (!facts.plan.jit_total_ms || *facts.plan.jit_total_ms < kMuch * facts.total_ms) return;
  Diagnosis found;
  found.code = "jit_heavy";
  found.impact_ms = *facts.plan.jit_total_ms;
  found.message = fmt::format("compiling the statement takes {} of {}", text_of_ms(*facts.plan.jit_total_ms),
                              text_of_ms(facts.total_ms));
  found.remedy = "SET LOCAL jit = off;";
  found.test = "the time without it; raise jit_above_cost where that holds for many statements";
  found.is_safe_now = true;
  out.push_back(std::move(found));
}

}  // namespace signalbox::queries
