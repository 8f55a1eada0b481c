// The rules of diagnosis, one a file. To add one: its file, a line here and in kRules of diagnosis.cpp, a
// test that shows the plan and applies the remedy, a line in docs/queries_diagnoses.md.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "instruments/queries/plans/conditions.hpp"
#include "instruments/queries/plans/diagnosis.hpp"

namespace signalbox::queries {

using Diagnoses = std::vector<Diagnosis>;

void seqscan_discard(const PlanFacts& facts, Diagnoses& out);
void inefficient_index(const PlanFacts& facts, Diagnoses& out);
void misestimate(const PlanFacts& facts, Diagnoses& out);
void stale_stats(const PlanFacts& facts, Diagnoses& out);
void correlated_columns(const PlanFacts& facts, Diagnoses& out);
void nestloop_blowup(const PlanFacts& facts, Diagnoses& out);
void order_limit_index(const PlanFacts& facts, Diagnoses& out);
void or_across_join(const PlanFacts& facts, Diagnoses& out);
void disk_sort(const PlanFacts& facts, Diagnoses& out);
void hash_batches(const PlanFacts& facts, Diagnoses& out);
void hashagg_disk(const PlanFacts& facts, Diagnoses& out);
void lossy_bitmap(const PlanFacts& facts, Diagnoses& out);
void large_offset(const PlanFacts& facts, Diagnoses& out);
void ios_heap_fetches(const PlanFacts& facts, Diagnoses& out);
void func_on_column(const PlanFacts& facts, Diagnoses& out);
void type_mismatch(const PlanFacts& facts, Diagnoses& out);
void leading_wildcard(const PlanFacts& facts, Diagnoses& out);
void missing_fk_index(const PlanFacts& facts, Diagnoses& out);
void jit_heavy(const PlanFacts& facts, Diagnoses& out);
void planning_heavy(const PlanFacts& facts, Diagnoses& out);
void partition_fanout(const PlanFacts& facts, Diagnoses& out);
void workers_short(const PlanFacts& facts, Diagnoses& out);
void io_bound(const PlanFacts& facts, Diagnoses& out);
void cold_cache(const PlanFacts& facts, Diagnoses& out);
void lock_bound(const PlanFacts& facts, Diagnoses& out);
void wide_row(const PlanFacts& facts, Diagnoses& out);
void subplan_loops(const PlanFacts& facts, Diagnoses& out);
void generic_plan(const PlanFacts& facts, Diagnoses& out);
void trigger_heavy(const PlanFacts& facts, Diagnoses& out);
void unused_work(const PlanFacts& facts, Diagnoses& out);
void cpu_starved(const PlanFacts& facts, Diagnoses& out);

// What several rules count.
inline constexpr double kMuchDiscarded = 10'000;  // rows
inline constexpr double kMostDiscarded = 0.9;     // of what was read
inline double discarded_rows(const PlanNode& node) {
  return node.removed_by_filter * node.actual_loops;
}
inline bool discards_most(const PlanNode& node) {
  const double gone = discarded_rows(node), kept = node.actual_rows * node.actual_loops;
  return gone >= kMuchDiscarded && gone >= kMostDiscarded * (gone + kept);
}

// Where a wrong estimate began: ten times off, a thousand rows at least, all that the node reads judged well,
// and not stopped early by what is above.
bool is_origin_of_misestimate(const PlanFacts& facts, std::size_t node);
// What stands on the estimate of a node: all that is above it, and the node itself where more came than it
// was made for.
double impact_of_estimate(const PlanFacts& facts, std::size_t node);
// "48,211 rows came, 5 were expected: 9642 times more"
std::string misjudged_text(const PlanFacts& facts, std::size_t node);

// Why no index on a column serves the condition of a scan that throws most away.
struct Defeat {
  std::string code;  // "func_on_column", "type_mismatch", "leading_wildcard"
  ConditionTerm term;
  std::string type;  // of the column, where the catalogue was asked
};
// nullopt where some term can be served by an index on a column, or none compares a column.
std::optional<Defeat> defeat_of(const PlanFacts& facts, const PlanNode& node);

// "SET LOCAL work_mem = '64MB';": so much memory, rounded up to whole megabytes.
std::string set_work_mem(double kib);
// "12,345"
std::string count_text(double count);

}  // namespace signalbox::queries
