// Gather
//   Workers Planned: 4
//   Workers Launched: 0
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"

namespace signalbox::queries {
namespace {

double setting_of(const PlanFacts& facts, std::string_view name) {
  const auto found = facts.catalog.settings.find(name);
  return found == facts.catalog.settings.end() ? 0 : std::strtod(found->second.c_str(), nullptr);
}

}  // namespace

void workers_short(const PlanFacts& facts, Diagnoses& out) {
  for (std::size_t i = 0; i < facts.plan.nodes.size(); ++i) {
    const PlanNode& node = facts.plan.nodes[i];
    const double planned = node.workers_planned * std::max(1.0, node.actual_loops);
    if (!node.has_workers_launched || node.workers_launched >= planned) continue;
    Diagnosis found;
    found.code = "workers_short";
    found.node = static_cast<int>(i);
    // Had they come, the work would have been shared with them.
    found.impact_ms = facts.costs[i].inclusive_ms * (planned - node.workers_launched) / (planned + 1);
    found.message = fmt::format("{} workers were planned, {} came: the pool of parallel workers was empty",
                                count_text(planned), count_text(node.workers_launched));
    const double most = setting_of(facts, "max_parallel_workers");
    const double processes = setting_of(facts, "max_worker_processes");
    if (most > 0 || facts.catalog.settings.contains("max_parallel_workers")) {
      const double wanted = std::max(most * 2, node.workers_planned);
      found.remedy = wanted <= processes
                         ? fmt::format("SET max_parallel_workers = {:.0f};", wanted)
                         : fmt::format(
                               "ALTER SYSTEM SET max_worker_processes = {0:.0f};  -- then restart the "
                               "server\nALTER SYSTEM SET max_parallel_workers = {0:.0f};",
                               wanted);
    } else {
      found.remedy =
          "raise max_parallel_workers, up to the processors that are free, and max_worker_processes with it; "
          "or fewer workers for each (max_parallel_workers_per_gather)";
    }
    found.test = "as many workers come as were planned, with other statements running beside it";
    out.push_back(std::move(found));
  }
}

}  // namespace signalbox::queries
