// Update on accounts  (actual time=0.1..5012.5)         most of which its session waited for a lock
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kMuch = 0.5;

}  // namespace

void lock_bound(const PlanFacts& facts, Diagnoses& out) {
  const double share = std::min(1.0, facts.surroundings.lock_share);
  if (share < kMuch) return;
  Diagnosis found;
  found.code = "lock_bound";
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    if (facts.plan.nodes[i].type == "LockRows" || facts.plan.nodes[i].type == "ModifyTable")
      found.node = static_cast<int>(i);
  }
  found.impact_ms = facts.total_ms * share;
  found.message = fmt::format("{} of its time it waited for a lock{}", text_of_share(share),
                              facts.surroundings.blocker.empty() ? "" : ": " + facts.surroundings.blocker);
  found.remedy =
      "a shorter transaction of whoever holds it: no waiting for clients between its statements, rows that "
      "many want last; SKIP LOCKED where any row will do";
  found.test = "signalbox queries locks is empty, and the statement takes what its plan takes";
  out.push_back(std::move(found));
}

}  // namespace signalbox::queries
