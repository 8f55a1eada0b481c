#include "instruments/queries/plans/plan_shape.hpp"

#include <fmt/format.h>

#include "core/base/digest.hpp"
#include "instruments/queries/sql/literals.hpp"

namespace signalbox::queries {
namespace {

std::string joined(const std::vector<std::string>& keys) {
  std::string out;
  for (const std::string& each : keys) out += without_constants(each) + ",";
  return out;
}

}  // namespace

std::string shape_of(const PlanNode& node) {
  std::string out = fmt::format("{}|{}|{}|{}|{}|{}|{}|{}|{}", node.parallel_aware ? "Parallel " : "",
                                node.type, node.strategy, node.partial_mode, node.join_type, node.relation,
                                node.index, node.parent_relationship, node.operation);
  out += "|" + joined(node.sort_keys) + "|" + joined(node.group_keys);
  for (const std::string* each : {&node.filter, &node.join_filter, &node.index_cond, &node.recheck_cond,
                                  &node.hash_cond, &node.merge_cond})
    out += "|" + without_constants(*each);
  return out;
}

std::string shape_hash(const Plan& plan) {
  constexpr std::size_t kDigits = 16;
  std::string all;
  for (const PlanNode& node : plan.nodes) all += fmt::format("{}:{}\n", node.depth, shape_of(node));
  return to_hex(sha256(all)).substr(0, kDigits);
}

}  // namespace signalbox::queries
