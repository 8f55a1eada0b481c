// Nested Loop
//   Join Filter: ((a.mail = b.mail) OR (a.phone = b.phone))     neither hash nor index finds the pairs
//   Rows Removed by Join Filter: 2999000
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {
namespace {

// The tables whose columns the branches of the OR name.
std::size_t tables_of(const std::vector<std::string>& branches) {
  std::vector<std::string> all;
  for (const std::string& branch : branches) {
    for (const std::string& alias : aliases_in(branch)) {
      if (std::find(all.begin(), all.end(), alias) == all.end()) all.push_back(alias);
    }
  }
  return all.size();
}

}  // namespace

void or_across_join(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    const double gone = node.removed_by_join_filter * node.actual_loops;
    if (gone < kMuchDiscarded || gone < kMostDiscarded * (gone + facts.costs[i].rows)) continue;
    const auto branches = or_branches(node.join_filter);
    if (branches.size() < 2 || tables_of(branches) < 2) continue;
    Diagnosis found;
    found.code = "or_across_join";
    found.node = static_cast<int>(i);
    found.impact_ms = facts.costs[i].inclusive_ms;
    found.message = fmt::format(
        "{} pairs of rows are put together and thrown away by {}: an OR over two "
        "tables can be looked up in neither",
        count_text(gone), node.join_filter);
    found.remedy =
        "a SELECT for each branch of the OR, put together by UNION: each can be joined by its own key";
    found.test = "the plan has no Join Filter";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
