// Any octets as a plan: refused, or a tree whose nodes stand before their children, whose times are no less
// than 0, which is diagnosed, hashed, compared with itself and redacted.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/queries/plans/diagnosis.hpp"
#include "instruments/queries/plans/plan_reader.hpp"
#include "instruments/queries/plans/plan_report.hpp"
#include "instruments/queries/plans/plan_shape.hpp"
#include "instruments/queries/plans/redaction.hpp"

namespace queries = signalbox::queries;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(queries::without_constants_of_plan(text));
  const auto plan = queries::read_plan(text);
  if (!plan) return 0;
  if (plan->nodes.empty() || plan->nodes.front().parent != -1) std::abort();
  for (std::size_t i = 1; i < plan->nodes.size(); ++i) {
    const int parent = plan->nodes[i].parent;
    if (parent < 0 || static_cast<std::size_t>(parent) >= i) std::abort();
  }
  for (const queries::NodeCost& each : queries::costs_of(*plan)) {
    if (each.exclusive_ms < 0 || each.q_error < 1) std::abort();
  }
  static_cast<void>(queries::diagnose(*plan));
  if (queries::shape_hash(*plan).size() != 16) std::abort();
  for (const auto& pair : queries::pair_nodes(*plan, *plan)) {
    if (pair.change != queries::NodePair::Change::same) std::abort();
  }
  return 0;
}
