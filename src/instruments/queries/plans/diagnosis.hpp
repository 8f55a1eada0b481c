// What is wrong with a plan, and what to do about it.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/queries/plans/plan.hpp"
#include "instruments/queries/plans/plan_cost.hpp"

namespace signalbox::queries {

// What the server's catalogue says of what a plan names; empty where it was not asked.
struct PlanCatalog {
  std::map<std::string, std::string, std::less<>> index_columns;  // "orders_created": "created DESC"
};

// What a rule is given.
struct PlanFacts {
  const Plan& plan;
  const PlanCatalog& catalog;
  const std::vector<NodeCost>& costs;
  double total_ms = 0;  // of execution
};

struct Diagnosis {
  std::string code;  // stable: "seqscan_discard"
  int node = 0;      // of the plan
  double impact_ms = 0;
  std::string message;       // with the numbers it rests on
  std::string remedy;        // SQL, one statement a line; or words where a rewrite is needed
  std::string undo;          // SQL; empty where nothing stays
  std::string test;          // how the remedy is tried
  bool is_safe_now = false;  // it may be done as it is: nothing is locked, nothing else gets slower
};

// Those that matter: of plans that were measured only, with 5 % of the time or 10 ms behind them (1 ms at
// least), the weightiest first. A diagnosis that another one explains is left out.
std::vector<Diagnosis> diagnose(const Plan& plan, const PlanCatalog& catalog = {});

// "queries/seqscan_discard" as a Finding.
Finding finding_of(const Diagnosis& diagnosis, const Plan& plan);

}  // namespace signalbox::queries
