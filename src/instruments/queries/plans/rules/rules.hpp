// The rules of diagnosis, one a file. To add one: its file, a line here and in kRules of diagnosis.cpp, a
// test that shows the plan and applies the remedy, a line in docs/queries_diagnoses.md.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "instruments/queries/plans/diagnosis.hpp"

namespace signalbox::queries {

using Diagnoses = std::vector<Diagnosis>;

void seqscan_discard(const PlanFacts& facts, Diagnoses& out);
void inefficient_index(const PlanFacts& facts, Diagnoses& out);
void misestimate(const PlanFacts& facts, Diagnoses& out);
void nestloop_blowup(const PlanFacts& facts, Diagnoses& out);
void order_limit_index(const PlanFacts& facts, Diagnoses& out);
void disk_sort(const PlanFacts& facts, Diagnoses& out);
void hash_batches(const PlanFacts& facts, Diagnoses& out);
void hashagg_disk(const PlanFacts& facts, Diagnoses& out);
void lossy_bitmap(const PlanFacts& facts, Diagnoses& out);
void large_offset(const PlanFacts& facts, Diagnoses& out);
void ios_heap_fetches(const PlanFacts& facts, Diagnoses& out);
void jit_heavy(const PlanFacts& facts, Diagnoses& out);
void subplan_loops(const PlanFacts& facts, Diagnoses& out);
void trigger_heavy(const PlanFacts& facts, Diagnoses& out);

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

// "SET LOCAL work_mem = '64MB';": so much memory, rounded up to whole megabytes.
std::string set_work_mem(double kib);
// "12,345"
std::string count_text(double count);

}  // namespace signalbox::queries
