// Where the time of a plan went: what each node took itself, without those below it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "instruments/queries/plans/plan.hpp"

namespace signalbox::queries {

struct NodeCost {
  double processes = 1;     // that ran the node at the same time
  double inclusive_ms = 0;  // of the clock: with all that is below it
  double exclusive_ms = 0;  // never negative
  double clamped_ms = 0;    // how much below 0 it was before: rounding, or processes that waited
  double share = 0;         // of the time of all nodes
  double rows = 0;          // in all loops and processes
  double rows_uncertain =
      0;  // PostgreSQL before 18 rounds rows of a loop: so many may be missing or too many
  double exclusive_cost = 0;  // in the planner's unit
  double q_error = 1;   // by what factor rows of a loop were misjudged, at least one row taken: 1 is right
  PlanBuffers buffers;  // of the node itself
};

// One for each node of the plan. Of a plan without ANALYZE only costs.
//
// Below a Gather the time of a node is that of one loop, on average of the processes; with W processes it
// took total × loops / W of the clock; one that fewer processes ran, as the Bitmap Index Scan below a
// parallel heap scan, total × loops / those. W is how often the child of the Gather began for each time the
// Gather did. The time of a CTE is within that of the CTE Scans that pulled it, each charged in proportion to
// what it took; that of an InitPlan is within the node that uses its result, which is the first that names
// it, or the one it is written below.
std::vector<NodeCost> costs_of(const Plan& plan);

// By how much estimate and truth differ, both of one loop: max(e/a, a/e), each at least 1.
double q_error(double estimated, double actual);

}  // namespace signalbox::queries
