#include "instruments/pack/measure/batch_evidence.hpp"

#include <cmath>

#include "core/stats/student.hpp"

namespace signalbox::pack {
namespace {

Json saving_json(const std::vector<BilledTwice>& orders) {
  std::int64_t before = 0;
  std::int64_t now = 0;
  for (const BilledTwice& each : orders) {
    before += each.before;
    now += each.now;
  }
  const auto saved = static_cast<double>(before - now);
  Json ci;
  if (const auto interval = saving_interval(orders, 0.95))
    ci = Json::object({{"lower", interval->lower}, {"upper", interval->upper}});
  return Json::object({{"orders", orders.size()},
                       {"baseline_lb", before},
                       {"billed_lb", now},
                       {"share", before > 0 ? saved / static_cast<double>(before) : 0},
                       {"lb_per_order", orders.empty() ? 0 : saved / static_cast<double>(orders.size())},
                       {"ci95", std::move(ci)}});
}

}  // namespace

std::optional<stats::Interval> saving_interval(const std::vector<BilledTwice>& orders, double confidence) {
  if (orders.size() < 2) return std::nullopt;
  const auto n = static_cast<double>(orders.size());
  double sum = 0;
  for (const BilledTwice& each : orders) sum += static_cast<double>(each.before - each.now);
  const double mean = sum / n;
  double squares = 0;
  for (const BilledTwice& each : orders)
    squares += std::pow(static_cast<double>(each.before - each.now) - mean, 2);
  const double half = stats::student_quantile(0.5 + confidence / 2, n - 1) * std::sqrt(squares / (n - 1) / n);
  return stats::Interval{mean - half, mean + half};
}

Json predicate_of(const BatchEvidence& evidence, std::string_view version) {
  return Json::object(
      {{"orders", evidence.orders},
       {"without_plan", evidence.without_plan},
       {"unverified_plans", evidence.unverified},
       {"proven", evidence.proven},
       {"proven_share", evidence.orders > 0
                            ? static_cast<double>(evidence.proven) / static_cast<double>(evidence.orders)
                            : 0},
       {"boxes", evidence.boxes},
       {"cube_util", evidence.cube_util},
       {"dim_penetration", evidence.dim_penetration},
       {"billed_ratio", evidence.billed_ratio},
       {"billed_lb", evidence.billed_lb},
       {"saving", evidence.baseline ? saving_json(*evidence.baseline) : Json()},
       {"objective", evidence.objective},
       {"support", evidence.support},
       {"rules", Json::object({{"id", evidence.rules}, {"on", evidence.rules_on}})},
       {"inputs", Json::object({{"orders", evidence.orders_digest}, {"boxes", evidence.boxes_digest}})},
       {"tool", "signalbox " + std::string(version)}});
}

}  // namespace signalbox::pack
