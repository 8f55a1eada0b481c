#include "instruments/pack/measure/trim.hpp"

#include <algorithm>
#include <map>

#include "instruments/pack/choose/objective.hpp"

namespace signalbox::pack {

Length room_beside(const Package& package, const Box& box, std::size_t side) {
  Length low = box.inner[side];
  Length high = 0;
  for (const Placement& placement : package.placements) {
    low = std::min(low, placement.at[side]);
    high = std::max(high, placement.at[side] + placement.size[side]);
  }
  return package.placements.empty() ? box.inner[side] : box.inner[side] - (high - low);
}

std::vector<TrimWorth> trim_worth(std::span<const PlanDocument> plans, const RulePack& rules, Account account,
                                  const ParcelPrice& price) {
  std::map<std::pair<std::string, std::size_t>, TrimWorth> sums;
  for (const PlanDocument& document : plans)
    for (const Package& package : document.plan.packages) {
      const Box& box = document.boxes[package.box];
      const Mass weight = box.tare + contents_of(document.order, package);
      for (const Trim& trim : trims(rules, box.outer, weight, account)) {
        TrimWorth& sum = sums[{box.sku, trim.side}];
        sum.box = box.sku;
        sum.side = trim.side;
        sum.by = trim.by;
        ++sum.parcels;
        if (trim.saved_lb <= 0 && trim.surcharges_saved.empty()) continue;
        ++sum.cheaper;
        const bool has_room = room_beside(package, box, trim.side) >= trim.by;
        sum.with_room += has_room ? 1 : 0;
        sum.saved_lb += trim.saved_lb;
        sum.saved_with_room_lb += has_room ? trim.saved_lb : 0;
        sum.surcharges += trim.surcharges_saved.size();
        Size cut = box.outer;
        cut[trim.side] -= trim.by;
        const auto before = price ? price(box.outer, weight) : std::nullopt;
        const auto after = price ? price(cut, weight) : std::nullopt;
        if (before && after) sum.saved += *before - *after;
      }
    }
  std::vector<TrimWorth> out;
  for (auto& [key, sum] : sums) out.push_back(std::move(sum));
  std::stable_sort(out.begin(), out.end(), [](const TrimWorth& a, const TrimWorth& b) {
    return std::tuple(a.saved, a.saved_lb, a.surcharges) > std::tuple(b.saved, b.saved_lb, b.surcharges);
  });
  return out;
}

}  // namespace signalbox::pack
