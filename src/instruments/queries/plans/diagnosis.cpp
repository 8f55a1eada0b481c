#include "instruments/queries/plans/diagnosis.hpp"

#include <cmath>

#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

using Rule = void (*)(const PlanFacts&, Diagnoses&);
constexpr Rule kRules[] = {seqscan_discard,   inefficient_index, misestimate,      nestloop_blowup,
                           order_limit_index, disk_sort,         hash_batches,     hashagg_disk,
                           lossy_bitmap,      large_offset,      ios_heap_fetches, jit_heavy,
                           subplan_loops,     trigger_heavy};

constexpr double kLeastMs = 10;
constexpr double kLeastShare = 0.05;
constexpr double kLeastOfAllMs = 1;  // a tenth of a short statement is nothing

// A nested loop blew up because its outer side was misjudged: the cause is told, not the effect.
bool is_explained(const Diagnosis& diagnosis, const Diagnoses& all, const Plan& plan) {
  if (diagnosis.code != "nestloop_blowup") return false;
  return std::any_of(all.begin(), all.end(), [&](const Diagnosis& other) {
    if (other.code != "misestimate") return false;
    for (int at = other.node; at >= 0; at = plan.nodes[static_cast<std::size_t>(at)].parent) {
      if (at == diagnosis.node) return true;
    }
    return false;
  });
}

double total_of(const Plan& plan, const std::vector<NodeCost>& costs) {
  return plan.execution_ms.value_or(costs.front().inclusive_ms);
}

}  // namespace

std::string set_work_mem(double kib) {
  return fmt::format("SET LOCAL work_mem = '{:.0f}MB';", std::max(1.0, std::ceil(kib / 1024)));
}

std::string count_text(double count) {
  return text_of_count(static_cast<std::int64_t>(std::llround(count)));
}

std::vector<Diagnosis> diagnose(const Plan& plan, const PlanCatalog& catalog) {
  Diagnoses all;
  if (!plan.was_measured()) return all;
  const std::vector<NodeCost> costs = costs_of(plan);
  const PlanFacts facts{plan, catalog, costs, total_of(plan, costs)};
  for (const Rule rule : kRules) rule(facts, all);
  Diagnoses out;
  for (const Diagnosis& each : all) {
    const bool weighs = each.impact_ms >= kLeastMs || each.impact_ms >= kLeastShare * facts.total_ms;
    if (weighs && each.impact_ms >= kLeastOfAllMs && !is_explained(each, all, plan)) out.push_back(each);
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Diagnosis& a, const Diagnosis& b) { return a.impact_ms > b.impact_ms; });
  return out;
}

Finding finding_of(const Diagnosis& diagnosis, const Plan& plan) {
  Finding out;
  out.rule = "queries/" + diagnosis.code;
  out.severity = Severity::warning;
  out.message = fmt::format("{}: {} ({})", title_of(plan.nodes[static_cast<std::size_t>(diagnosis.node)]),
                            diagnosis.message, text_of_ms(diagnosis.impact_ms));
  out.remedy = diagnosis.remedy;
  return out;
}

}  // namespace signalbox::queries
