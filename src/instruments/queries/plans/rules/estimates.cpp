// What the rules about estimates have in common.
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {
namespace {

constexpr double kWrong = 10, kRight = 3;
constexpr double kManyRows = 1'000;
constexpr double kPartOfSeqScan = 0.1;

// What a bitmap is made of is judged by the scan of the table that uses it.
bool is_bitmap(const PlanNode& node) {
  return node.type == "Bitmap Index Scan" || node.type == "BitmapAnd" || node.type == "BitmapOr";
}

// All that it reads was judged well.
bool has_good_children(const PlanFacts& facts, std::size_t i) {
  const auto& children = facts.plan.nodes[i].children;
  return std::all_of(children.begin(), children.end(), [&](int child) {
    const auto at = static_cast<std::size_t>(child);
    return is_bitmap(facts.plan.nodes[at]) || facts.costs[at].q_error < kRight;
  });
}

// A Limit above stops a node early, which is no wrong estimate; so does a join that needs no more rows.
bool may_be_cut_short(const PlanFacts& facts, std::size_t i) {
  for (int at = facts.plan.nodes[i].parent; at >= 0;
       at = facts.plan.nodes[static_cast<std::size_t>(at)].parent) {
    const PlanNode& above = facts.plan.nodes[static_cast<std::size_t>(at)];
    const bool runs_until = std::any_of(above.details.begin(), above.details.end(),
                                        [](const auto& each) { return each.first == "Run Condition"; });
    if (runs_until || above.type == "Limit" || above.type == "Merge Join" || above.join_type == "Semi" ||
        above.join_type == "Anti")
      return true;
    if (above.type == "Sort" || above.type == "Hash" || above.type == "Aggregate") return false;
  }
  return false;
}

}  // namespace

bool is_origin_of_misestimate(const PlanFacts& facts, std::size_t node) {
  const PlanNode& self = facts.plan.nodes[node];
  if (self.actual_loops == 0 || is_bitmap(self) || facts.costs[node].q_error < kWrong) return false;
  if (std::max(self.plan_rows, self.actual_rows) < kManyRows || !has_good_children(facts, node)) return false;
  return self.actual_rows >= self.plan_rows || !may_be_cut_short(facts, node);
}

double impact_of_estimate(const PlanFacts& facts, std::size_t node) {
  const PlanNode& self = facts.plan.nodes[node];
  const double above = std::max(0.0, facts.total_ms - facts.costs[node].inclusive_ms);
  // Who expects too many does too much at most in what is above.
  if (self.actual_rows < self.plan_rows) return above;
  // A table is read from end to end for want of an index more often than for a wrong estimate.
  return above + (self.type == "Seq Scan" ? kPartOfSeqScan : 1) * facts.costs[node].exclusive_ms;
}

std::string misjudged_text(const PlanFacts& facts, std::size_t node) {
  const PlanNode& self = facts.plan.nodes[node];
  return fmt::format("{} rows were expected, {} came: {:.0f} times {}", count_text(self.plan_rows),
                     count_text(self.actual_rows), facts.costs[node].q_error,
                     self.actual_rows < self.plan_rows ? "fewer" : "more");
}

}  // namespace signalbox::queries
