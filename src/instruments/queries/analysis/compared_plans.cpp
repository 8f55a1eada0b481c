#include "instruments/queries/analysis/compared_plans.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kStatements = 100;
constexpr std::chrono::hours kOldest{24};

const PlanSample* last_until(const std::vector<PlanSample>& samples, const Span& span) {
  const PlanSample* out = nullptr;
  for (const PlanSample& each : samples) {
    if (each.at <= span.until && each.at > span.since - kOldest) out = &each;
  }
  return out;
}

}  // namespace

Result<Json> compared_plans_json(store::Database& database, std::int64_t server, const Comparison& comparison,
                                 const Span& before, const Span& after) {
  KeptPlans plans(database);
  const Span both{std::min(before.since, after.since) - kOldest, std::max(before.until, after.until)};
  Json out = Json::object();
  std::size_t asked = 0;
  for (const Compared& each : comparison.statements) {
    if (asked++ >= kStatements) break;
    SIGNALBOX_TRY(const auto samples, plans.list(server, {}, each.fingerprint, both));
    const PlanSample* const first = last_until(samples, before);
    const PlanSample* const second = last_until(samples, after);
    if (first == nullptr || second == nullptr) continue;
    out.set(each.fingerprint, Json::object({{"before_id", first->id},
                                            {"after_id", second->id},
                                            {"same", first->shape == second->shape}}));
  }
  return out;
}

}  // namespace signalbox::queries
