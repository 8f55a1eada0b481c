#include "instruments/queries/plans/plan_fields.hpp"

#include <fmt/format.h>

namespace signalbox::queries {
namespace {

struct NumberField {
  std::string_view name;
  double PlanNode::*field;
};
constexpr NumberField kNumbers[] = {
    {"Startup Cost", &PlanNode::startup_cost},
    {"Total Cost", &PlanNode::total_cost},
    {"Plan Rows", &PlanNode::plan_rows},
    {"Plan Width", &PlanNode::plan_width},
    {"Actual Startup Time", &PlanNode::actual_startup_ms},
    {"Actual Total Time", &PlanNode::actual_total_ms},
    {"Actual Rows", &PlanNode::actual_rows},
    {"Actual Loops", &PlanNode::actual_loops},
    {"Rows Removed by Filter", &PlanNode::removed_by_filter},
    {"Rows Removed by Join Filter", &PlanNode::removed_by_join_filter},
    {"Rows Removed by Index Recheck", &PlanNode::removed_by_recheck},
    {"Sort Space Used", &PlanNode::sort_space_kib},
    {"Hash Buckets", &PlanNode::hash_buckets},
    {"Hash Batches", &PlanNode::hash_batches},
    {"Original Hash Batches", &PlanNode::original_hash_batches},
    {"Peak Memory Usage", &PlanNode::peak_memory_kib},
    {"Disk Usage", &PlanNode::disk_usage_kib},
    {"HashAgg Batches", &PlanNode::aggregate_batches},
    {"Planned Partitions", &PlanNode::planned_partitions},
    {"Exact Heap Blocks", &PlanNode::exact_heap_blocks},
    {"Lossy Heap Blocks", &PlanNode::lossy_heap_blocks},
    {"Heap Fetches", &PlanNode::heap_fetches},
    {"Workers Planned", &PlanNode::workers_planned},
    {"Workers Launched", &PlanNode::workers_launched},
};

struct BufferField {
  std::string_view name;
  double PlanBuffers::*field;
};
constexpr BufferField kBuffers[] = {
    {"Shared Hit Blocks", &PlanBuffers::shared_hit},
    {"Shared Read Blocks", &PlanBuffers::shared_read},
    {"Shared Dirtied Blocks", &PlanBuffers::shared_dirtied},
    {"Shared Written Blocks", &PlanBuffers::shared_written},
    {"Local Hit Blocks", &PlanBuffers::local_hit},
    {"Local Read Blocks", &PlanBuffers::local_read},
    {"Local Dirtied Blocks", &PlanBuffers::local_dirtied},
    {"Local Written Blocks", &PlanBuffers::local_written},
    {"Temp Read Blocks", &PlanBuffers::temp_read},
    {"Temp Written Blocks", &PlanBuffers::temp_written},
    {"I/O Read Time", &PlanBuffers::read_ms},
    {"I/O Write Time", &PlanBuffers::write_ms},
    {"Shared I/O Read Time", &PlanBuffers::read_ms},
    {"Shared I/O Write Time", &PlanBuffers::write_ms},
};

struct TextField {
  std::string_view name;
  std::string PlanNode::*field;
};
constexpr TextField kTexts[] = {
    {"Node Type", &PlanNode::type},
    {"Strategy", &PlanNode::strategy},
    {"Partial Mode", &PlanNode::partial_mode},
    {"Operation", &PlanNode::operation},
    {"Join Type", &PlanNode::join_type},
    {"Schema", &PlanNode::schema},
    {"Relation Name", &PlanNode::relation},
    {"Alias", &PlanNode::alias},
    {"Index Name", &PlanNode::index},
    {"Parent Relationship", &PlanNode::parent_relationship},
    {"Subplan Name", &PlanNode::subplan_name},
    {"CTE Name", &PlanNode::cte_name},
    {"Filter", &PlanNode::filter},
    {"Join Filter", &PlanNode::join_filter},
    {"Index Cond", &PlanNode::index_cond},
    {"Recheck Cond", &PlanNode::recheck_cond},
    {"Hash Cond", &PlanNode::hash_cond},
    {"Merge Cond", &PlanNode::merge_cond},
    {"Sort Method", &PlanNode::sort_method},
    {"Sort Space Type", &PlanNode::sort_space_type},
};

}  // namespace

bool set_number(PlanNode& node, std::string_view name, double value) {
  for (const NumberField& each : kNumbers) {
    if (each.name != name) continue;
    node.*each.field = value;
    node.was_measured = node.was_measured || name == "Actual Loops";
    node.has_workers_launched = node.has_workers_launched || name == "Workers Launched";
    return true;
  }
  for (const BufferField& each : kBuffers) {
    if (each.name != name) continue;
    node.buffers.*each.field = value;
    return true;
  }
  return false;
}

bool set_text(PlanNode& node, std::string_view name, std::string value) {
  for (const TextField& each : kTexts) {
    if (each.name != name) continue;
    node.*each.field = std::move(value);
    return true;
  }
  return false;
}

std::string title_of(const PlanNode& node) {
  std::string out = node.parallel_aware ? "Parallel " : "";
  if (node.type == "Aggregate") {
    if (node.partial_mode == "Partial" || node.partial_mode == "Finalize") out += node.partial_mode + " ";
    out += node.strategy == "Hashed"   ? "HashAggregate"
           : node.strategy == "Sorted" ? "GroupAggregate"
           : node.strategy == "Mixed"  ? "MixedAggregate"
                                       : "Aggregate";
  } else if (node.type == "ModifyTable" && !node.operation.empty()) {
    out += node.operation;
  } else if (!node.join_type.empty() && node.join_type != "Inner") {
    // Hash Join → Hash Left Join; Nested Loop → Nested Loop Left Join.
    const std::size_t join = node.type.rfind(" Join");
    out +=
        (join == std::string::npos ? node.type : node.type.substr(0, join)) + " " + node.join_type + " Join";
  } else {
    out += node.type;
  }
  if (!node.index.empty() && node.type != "Bitmap Index Scan") out += " using " + node.index;
  if (node.type == "Bitmap Index Scan") out += " on " + node.index;
  const std::string& name = !node.relation.empty() ? node.relation : node.cte_name;
  if (!name.empty()) out += fmt::format(" on {}{}", node.schema.empty() ? "" : node.schema + ".", name);
  if (!node.alias.empty() && node.alias != name) out += (name.empty() ? " on " : " ") + node.alias;
  return out;
}

}  // namespace signalbox::queries
