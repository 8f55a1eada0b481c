#include "instruments/queries/plans/diagnosis.hpp"

#include <cmath>

#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

using Rule = void (*)(const PlanFacts&, Diagnoses&);
// In the order in which the codes are told where they weigh the same.
constexpr Rule kRules[] = {seqscan_discard,    inefficient_index, misestimate,       stale_stats,
                           correlated_columns, nestloop_blowup,   order_limit_index, or_across_join,
                           disk_sort,          hash_batches,      hashagg_disk,      lossy_bitmap,
                           large_offset,       ios_heap_fetches,  func_on_column,    type_mismatch,
                           leading_wildcard,   missing_fk_index,  jit_heavy,         planning_heavy,
                           partition_fanout,   workers_short,     io_bound,          cold_cache,
                           lock_bound,         wide_row,          subplan_loops,     generic_plan,
                           trigger_heavy,      unused_work,       cpu_starved};

constexpr double kLeastMs = 10;
constexpr double kLeastShare = 0.05;
constexpr double kLeastOfAllMs = 1;  // a tenth of a short statement is nothing

// Where the cause is to be seen from the effect.
enum class Where { same_node, below, anywhere };
struct Explanation {
  std::string_view effect, cause;
  Where where;
};
constexpr Explanation kExplanations[] = {
    // Too few rows were expected below, so that a nested loop was chosen.
    {"nestloop_blowup", "misestimate", Where::below},
    {"nestloop_blowup", "stale_stats", Where::below},
    {"nestloop_blowup", "correlated_columns", Where::below},
    {"nestloop_blowup", "generic_plan", Where::below},
    {"misestimate", "stale_stats", Where::same_node},
    {"misestimate", "correlated_columns", Where::same_node},
    {"misestimate", "generic_plan", Where::same_node},
    {"correlated_columns", "stale_stats", Where::same_node},
    // An index finds the rows without an estimate; one on an expression has statistics of it.
    {"misestimate", "seqscan_discard", Where::same_node},
    {"misestimate", "inefficient_index", Where::same_node},
    {"misestimate", "func_on_column", Where::same_node},
    {"misestimate", "type_mismatch", Where::same_node},
    {"misestimate", "leading_wildcard", Where::same_node},
    {"correlated_columns", "generic_plan", Where::same_node},
    // What an index would find is not read.
    {"io_bound", "seqscan_discard", Where::same_node},
    {"io_bound", "inefficient_index", Where::same_node},
    {"io_bound", "func_on_column", Where::same_node},
    {"io_bound", "cold_cache", Where::anywhere},
    {"disk_sort", "wide_row", Where::same_node},
    {"hash_batches", "wide_row", Where::same_node},
    {"trigger_heavy", "missing_fk_index", Where::same_node},
    {"planning_heavy", "partition_fanout", Where::anywhere},
    // The rows are read to be passed over, or to be thrown away further up.
    {"disk_sort", "large_offset", Where::below},
    {"disk_sort", "unused_work", Where::below},
    {"hashagg_disk", "unused_work", Where::below},
};

bool is_at_or_below(const Plan& plan, int node, int above) {
  for (int at = node; at >= 0; at = plan.nodes[static_cast<std::size_t>(at)].parent) {
    if (at == above) return true;
  }
  return false;
}

bool explains(const Diagnosis& cause, const Diagnosis& effect, const Plan& plan) {
  return std::any_of(std::begin(kExplanations), std::end(kExplanations), [&](const Explanation& each) {
    if (each.effect != effect.code || each.cause != cause.code) return false;
    if (each.where == Where::same_node) return cause.node == effect.node;
    if (each.where == Where::anywhere) return true;
    // Of a nested loop the cause is below it; of work for nothing the cause is above.
    return effect.code == "nestloop_blowup" ? is_at_or_below(plan, cause.node, effect.node)
                                            : is_at_or_below(plan, effect.node, cause.node);
  });
}

double total_of(const Plan& plan, const std::vector<NodeCost>& costs) {
  return plan.execution_ms.value_or(costs.front().inclusive_ms);
}

// Each effect goes below its cause, which weighs as much as what it explains.
Diagnoses with_causes_on_top(Diagnoses all, const Plan& plan) {
  std::vector<int> cause_of(all.size(), -1);
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t c = 0; c < all.size() && cause_of[i] < 0; ++c) {
      if (c != i && explains(all[c], all[i], plan)) cause_of[i] = static_cast<int>(c);
    }
  }
  // The table has no circles: a cause of a cause ends.
  const auto root_of = [&](std::size_t i) {
    while (cause_of[i] >= 0) i = static_cast<std::size_t>(cause_of[i]);
    return i;
  };
  Diagnoses out;
  std::vector<std::size_t> place(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (cause_of[i] >= 0) continue;
    place[i] = out.size();
    out.push_back(all[i]);
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (cause_of[i] < 0) continue;
    Diagnosis& cause = out[place[root_of(i)]];
    cause.impact_ms = std::max(cause.impact_ms, all[i].impact_ms);
    cause.effects.push_back(std::move(all[i]));
  }
  return out;
}

}  // namespace

std::string set_work_mem(double kib) {
  return fmt::format("SET LOCAL work_mem = '{:.0f}MB';", std::max(1.0, std::ceil(kib / 1024)));
}

std::string count_text(double count) {
  return text_of_count(static_cast<std::int64_t>(std::llround(count)));
}

std::vector<Diagnosis> diagnose(const Plan& plan, const PlanCatalog& catalog,
                                const PlanSurroundings& surroundings) {
  Diagnoses all;
  if (!plan.was_measured()) return all;
  const std::vector<NodeCost> costs = costs_of(plan);
  const PlanFacts facts{plan, catalog, surroundings, costs, total_of(plan, costs)};
  for (const Rule rule : kRules) rule(facts, all);
  std::erase_if(all, [&](const Diagnosis& each) {
    const bool weighs = each.impact_ms >= kLeastMs || each.impact_ms >= kLeastShare * facts.total_ms;
    return !weighs || each.impact_ms < kLeastOfAllMs;
  });
  all = with_causes_on_top(std::move(all), plan);
  std::stable_sort(all.begin(), all.end(),
                   [](const Diagnosis& a, const Diagnosis& b) { return a.impact_ms > b.impact_ms; });
  return all;
}

Finding finding_of(const Diagnosis& diagnosis, const Plan& plan) {
  Finding out;
  out.rule = "queries/" + diagnosis.code;
  out.severity = Severity::warning;
  out.message = fmt::format("{}: {} ({})", title_of(plan.nodes[static_cast<std::size_t>(diagnosis.node)]),
                            diagnosis.message, text_of_ms(diagnosis.impact_ms));
  std::vector<std::string> effects;
  for (const Diagnosis& each : diagnosis.effects) effects.push_back(each.code);
  if (!effects.empty()) out.message += fmt::format("; with it goes {}", fmt::join(effects, ", "));
  out.remedy = diagnosis.remedy;
  return out;
}

}  // namespace signalbox::queries
