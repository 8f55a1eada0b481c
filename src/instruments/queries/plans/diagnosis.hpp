// What is wrong with a plan, and what to do about it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/queries/plans/plan.hpp"
#include "instruments/queries/plans/plan_catalog.hpp"
#include "instruments/queries/plans/plan_cost.hpp"

namespace signalbox::queries {

// What a rule is given.
struct PlanFacts {
  const Plan& plan;
  const PlanCatalog& catalog;
  const PlanSurroundings& surroundings;
  const std::vector<NodeCost>& costs;
  double total_ms = 0;  // of execution
};

struct Diagnosis {
  std::string code;  // stable: "seqscan_discard"
  int node = 0;      // of the plan
  double impact_ms = 0;
  std::string message;             // with the numbers it rests on
  std::string remedy;              // SQL, one statement a line; or words where a rewrite is needed
  std::string undo;                // SQL; empty where nothing stays
  std::string test;                // how the remedy is tried
  bool is_safe_now = false;        // it may be done as it is: nothing is locked, nothing else gets slower
  std::vector<Diagnosis> effects;  // what it explains: goes when it does
};

// Those that matter: of plans that were measured only, with 5 % of the time or 10 ms behind them (1 ms at
// least), the weightiest first. One that another explains stands among the effects of that.
std::vector<Diagnosis> diagnose(const Plan& plan, const PlanCatalog& catalog = {},
                                const PlanSurroundings& surroundings = {});

// "queries/seqscan_discard" as a Finding.
Finding finding_of(const Diagnosis& diagnosis, const Plan& plan);

}  // namespace signalbox::queries
