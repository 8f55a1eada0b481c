// A plan as people look at it, and two of them side by side.
#pragma once

#include <string>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/queries/plans/diagnosis.hpp"
#include "instruments/queries/plans/plan.hpp"

namespace signalbox::queries {

enum class ShowDiagnoses { yes, no };
Report plan_report(const Plan& plan, std::string title, ShowDiagnoses show);
// The same with diagnoses that were made before: with what a catalogue said.
Report plan_report(const Plan& plan, std::string title, ShowDiagnoses show, std::vector<Diagnosis> diagnoses);
// {"shape", "planning_ms", "execution_ms", "measured", "nodes": […], "findings": […]}; nodes in the order of
// the plan, each with its parent.
Json plan_json(const Plan& plan, const std::vector<Diagnosis>& diagnoses);

// What became of the nodes of `before` in `after`: those that are the same by what they are and where they
// stand are paired.
struct NodePair {
  int before = -1;  // -1: it was not there
  int after = -1;   // -1: it is gone
  enum class Change { same, changed, added, removed } change = Change::same;
};
std::vector<NodePair> pair_nodes(const Plan& before, const Plan& after);
Report plan_diff_report(const Plan& before, const Plan& after);

}  // namespace signalbox::queries
