#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/json.hpp"
#include "core/base/text.hpp"
#include "instruments/queries/plans/plan_document.hpp"
#include "instruments/queries/plans/plan_fields.hpp"
#include "instruments/queries/plans/plan_reader.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kMaxJsonBytes = std::size_t{256} << 20;

double number_of(const Json& value) {
  if (value.is_number()) return value.as_number();
  double out = 0;
  if (value.is_string()) {  // tools that wrote it may have quoted it
    const std::string text(value.as_string());
    char* end = nullptr;
    out = std::strtod(text.c_str(), &end);
    if (end == text.c_str()) out = 0;
  }
  return std::isfinite(out) ? out : 0;
}

std::string text_of(const Json& value) {
  return value.is_string() ? std::string(value.as_string()) : value.dump();
}

std::vector<std::string> texts_of(const Json& value) {
  std::vector<std::string> out;
  for (const Json& each : value.items()) out.push_back(text_of(each));
  if (value.is_string()) out.emplace_back(value.as_string());
  return out;
}

PlanWorker worker_of(const Json& json) {
  return {number_of(json["Worker Number"]), number_of(json["Actual Startup Time"]),
          number_of(json["Actual Total Time"]), number_of(json["Actual Rows"]),
          number_of(json["Actual Loops"])};
}

void set_member(PlanNode& node, const std::string& name, const Json& value) {
  if (name == "Plans") return;
  if (name == "Parallel Aware") {
    node.parallel_aware = value.as_bool();
  } else if (name == "Sort Key") {
    node.sort_keys = texts_of(value);
  } else if (name == "Group Key") {
    node.group_keys = texts_of(value);
  } else if (name == "Output") {
    node.output = texts_of(value);
  } else if (name == "Workers") {
    for (const Json& each : value.items()) node.workers.push_back(worker_of(each));
  } else if (set_number(node, name, number_of(value)) ||
             (name == "Partial Mode" && value.as_string() == "Simple")) {
    // It is set; or it is neither partial nor final, of which text says nothing.
  } else if (!set_text(node, name, text_of(value))) {
    node.details.emplace_back(name, text_of(value));
  }
}

// Nodes in the order of the text, without recursion.
Status add_nodes(Plan& plan, const Json& root) {
  struct Pending {
    const Json* json;
    int parent;
    int depth;
  };
  std::vector<Pending> stack{{&root, -1, 0}};
  while (!stack.empty()) {
    const Pending next = stack.back();
    stack.pop_back();
    if (plan.nodes.size() >= kMaxPlanNodes) return fail(ErrorKind::bad_input, "the plan has too many nodes");
    if (!next.json->is_object() || (*next.json)["Node Type"].as_string().empty()) {
      return fail(ErrorKind::bad_input,
                  fmt::format("node {} of the plan has no \"Node Type\"", plan.nodes.size() + 1));
    }
    const int index = static_cast<int>(plan.nodes.size());
    PlanNode node;
    node.parent = next.parent;
    node.depth = next.depth;
    for (const auto& [name, value] : next.json->members()) set_member(node, name, value);
    plan.nodes.push_back(std::move(node));
    if (next.parent >= 0) plan.nodes[static_cast<std::size_t>(next.parent)].children.push_back(index);
    const Json::Array& children = (*next.json)["Plans"].items();
    for (auto child = children.rbegin(); child != children.rend(); ++child)
      stack.push_back({&*child, index, next.depth + 1});
  }
  return {};
}

void add_planning(Plan& plan, const Json& statement) {
  PlanNode planning;  // its blocks have the names that nodes have
  for (const auto& [name, value] : statement["Planning"].members())
    set_number(planning, name, number_of(value));
  plan.planning_buffers = planning.buffers;
  for (const char* name : {"Planning Time", "Planning time"}) {
    if (const Json* value = statement.find(name)) plan.planning_ms = number_of(*value);
  }
  for (const char* name : {"Execution Time", "Execution time", "Total Runtime"}) {
    if (const Json* value = statement.find(name)) plan.execution_ms = number_of(*value);
  }
}

}  // namespace

Result<Plan> read_json_plan(std::string_view text) {
  // Each node is an array and an object deep.
  SIGNALBOX_TRY(const Json document, parse_json(text, {kMaxJsonBytes, 2 * kMaxPlanDepth + 8, false}));
  return plan_of_document(document);
}

Result<Plan> plan_of_document(const Json& document) {
  const Json* statement = &document;
  if (document.is_array()) {
    if (document.items().empty()) return fail(ErrorKind::bad_input, "the array of plans is empty");
    statement = &document.items().front();
  }
  Plan out;
  const Json* const root = statement->find("Plan");
  if (root == nullptr && statement->find("Node Type") == nullptr)
    return fail(ErrorKind::bad_input, "it has no \"Plan\"", "EXPLAIN (FORMAT JSON) writes one");
  SIGNALBOX_CHECK(add_nodes(out, root == nullptr ? *statement : *root));
  out.query_text = (*statement)["Query Text"].as_string();
  add_planning(out, *statement);
  for (const Json& each : (*statement)["Triggers"].items()) {
    out.triggers.push_back(
        {std::string(each["Trigger Name"].as_string()), std::string(each["Constraint Name"].as_string()),
         std::string(each["Relation"].as_string()), number_of(each["Time"]), number_of(each["Calls"])});
  }
  if (const Json* jit = statement->find("JIT")) {
    out.jit_functions = number_of((*jit)["Functions"]);
    out.jit_total_ms = number_of((*jit)["Timing"]["Total"]);
  }
  for (const auto& [name, value] : (*statement)["Settings"].members())
    out.settings.emplace_back(name, text_of(value));
  return out;
}

}  // namespace signalbox::queries
