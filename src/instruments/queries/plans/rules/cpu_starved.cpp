// Aggregate  (actual time=812.5..812.5)                 a third of which its process waited for a processor
#include <fmt/format.h>

#include "instruments/queries/plans/rules/rules.hpp"
#include "instruments/queries/statements/units.hpp"

namespace signalbox::queries {
namespace {

constexpr double kMuch = 0.3;

}  // namespace

void cpu_starved(const PlanFacts& facts, Diagnoses& out) {
  const double share = std::min(1.0, facts.surroundings.run_queue_share);
  if (share < kMuch) return;
  Diagnosis found;
  found.code = "cpu_starved";
  found.impact_ms = facts.total_ms * share;
  found.message =
      fmt::format("{} of its time it could have run and had no processor: others run on all of them",
                  text_of_share(share));
  found.remedy =
      "fewer sessions at work at the same time (a pool of connections), or more processors; what else runs "
      "on "
      "the machine";
  found.test = "the same statement while the machine is quiet";
  out.push_back(std::move(found));
}

}  // namespace signalbox::queries
