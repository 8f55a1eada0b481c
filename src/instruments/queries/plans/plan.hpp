// One plan as EXPLAIN tells it: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signalbox::queries {

struct PlanBuffers {  // blocks, with those of its children
  double shared_hit = 0, shared_read = 0, shared_dirtied = 0, shared_written = 0;
  double local_hit = 0, local_read = 0, local_dirtied = 0, local_written = 0;
  double temp_read = 0, temp_written = 0;
  double read_ms = 0, write_ms = 0;  // waited for them, where track_io_timing is on
};

// One process of a parallel plan, as VERBOSE tells it.
struct PlanWorker {
  double number = 0, actual_startup_ms = 0, actual_total_ms = 0, actual_rows = 0, actual_loops = 0;
};

struct PlanNode {
  std::string type;          // "Seq Scan", "Aggregate"
  std::string strategy;      // of aggregates and set operations: "Hashed", "Sorted", "Plain", "Mixed"
  std::string partial_mode;  // "Partial", "Finalize"; empty where it is whole
  std::string operation;     // of ModifyTable: "Insert"; of Foreign Scan too
  std::string join_type;     // "Inner", "Left"
  std::string schema, relation, alias, index;
  std::string parent_relationship;  // "Outer", "Inner", "InitPlan", "SubPlan", "Member", "Subquery"; of the
                                    // root empty
  std::string subplan_name;         // "CTE x", "InitPlan 1 (returns $0)", "SubPlan 1"
  std::string cte_name;             // of a CTE Scan: whose
  std::string filter, join_filter, index_cond, recheck_cond, hash_cond, merge_cond;
  std::string sort_method, sort_space_type;  // "external merge", "Disk"
  std::vector<std::string> sort_keys, group_keys, output;
  bool parallel_aware = false;

  double startup_cost = 0, total_cost = 0, plan_rows = 0, plan_width = 0;
  bool was_measured = false;                                           // ANALYZE: what follows is known
  double actual_startup_ms = 0, actual_total_ms = 0, actual_rows = 0;  // of one loop, on average
  double actual_loops = 0;                                             // 0: never executed
  double removed_by_filter = 0, removed_by_join_filter = 0, removed_by_recheck = 0;  // rows of one loop
  double sort_space_kib = 0;
  double hash_buckets = 0, hash_batches = 0, original_hash_batches = 0, peak_memory_kib = 0,
         disk_usage_kib = 0;
  double aggregate_batches = 0, planned_partitions = 0;
  double exact_heap_blocks = 0, lossy_heap_blocks = 0, heap_fetches = 0;
  double workers_planned = 0, workers_launched = 0;
  bool has_workers_launched = false;
  PlanBuffers buffers;
  std::vector<PlanWorker> workers;
  // All else that was said of it, by the names of FORMAT JSON, in order.
  std::vector<std::pair<std::string, std::string>> details;

  int parent = -1;  // its place among the nodes
  std::vector<int> children;
  int depth = 0;
};

struct PlanTrigger {
  std::string name, constraint, relation;
  double time_ms = 0, calls = 0;
};

struct Plan {
  std::vector<PlanNode> nodes;  // the root first, each before its children: at least one
  std::string query_text;       // of auto_explain; with its constants
  std::optional<double> planning_ms, execution_ms;
  std::vector<PlanTrigger> triggers;
  std::optional<double> jit_functions, jit_total_ms;
  PlanBuffers planning_buffers;
  std::vector<std::pair<std::string, std::string>> settings;

  bool was_measured() const { return nodes.front().was_measured; }
};

// "Hash Left Join on orders o": what a node is, in the words of FORMAT TEXT.
std::string title_of(const PlanNode& node);

}  // namespace signalbox::queries
