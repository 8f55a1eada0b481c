#include "instruments/pack/choose/objective.hpp"

#include <algorithm>
#include <utility>

namespace signalbox::pack {
namespace {

std::int64_t outer_mm3(const Box& box) {
  const ExactVolume cubic_mm = static_cast<ExactVolume>(kMillimetre) * kMillimetre * kMillimetre;
  return static_cast<std::int64_t>((volume_of(box.outer) + cubic_mm - 1) / cubic_mm);
}

}  // namespace

Cost& Cost::operator+=(const Cost& other) {
  for (std::size_t i = 0; i < parts.size(); ++i) parts[i] += other.parts[i];
  return *this;
}

Cost Cost::operator+(const Cost& other) const {
  Cost out = *this;
  return out += other;
}

std::int64_t board_mm2(const Box& box) {
  const ExactVolume length = std::max(box.outer[0], box.outer[1]);
  const ExactVolume width = std::min(box.outer[0], box.outer[1]);
  const ExactVolume blank = 2 * (length + width) * (box.outer[2] + width);
  const ExactVolume square_mm = static_cast<ExactVolume>(kMillimetre) * kMillimetre;
  return static_cast<std::int64_t>((blank + square_mm - 1) / square_mm);
}

Objective fewest_boxes() {
  return {"boxes",
          [](const Box& box, Mass) {
            return Cost{{1, outer_mm3(box), board_mm2(box), 0}};
          },
          [](Mass) {
            return Cost{{1, 0, 0, 0}};
          },
          0};
}

Objective least_volume() {
  return {"volume",
          [](const Box& box, Mass) {
            return Cost{{outer_mm3(box), board_mm2(box), 1, 0}};
          },
          [](Mass) { return Cost{}; }, 0};
}

Objective least_billed(RulePack rules, Account account) {
  Objective out;
  out.name = "billed:" + rules.id;
  out.price = [rules = std::move(rules), account](const Box& box, Mass contents) {
    const BilledPounds billed = billed_pounds(rules, box.outer, box.tare + contents, account);
    return Cost{{billed.lb + (billed.is_taken ? 0 : kBeyondMaximum_lb), board_mm2(box), outer_mm3(box), 1}};
  };
  // Rounded up in one or in several parts: pounds of parts are never fewer.
  out.floor = [](Mass contents) { return Cost{{(contents + kPound - 1) / kPound, 0, 0, 1}}; };
  return out;
}

Objective fewest_then_billed(RulePack rules, Account account) {
  Objective pounds = least_billed(std::move(rules), account);
  Objective out;
  out.name = "boxes" + pounds.name.substr(pounds.name.find(':'));
  out.price = [price = pounds.price](const Box& box, Mass contents) {
    const Cost cost = price(box, contents);
    return Cost{{1, cost.parts[0], cost.parts[1], cost.parts[2]}};
  };
  out.floor = [floor = pounds.floor](Mass contents) { return Cost{{1, floor(contents).parts[0], 0, 0}}; };
  out.told = 1;
  return out;
}

Objective least_money(std::shared_ptr<const PriceList> list) {
  Objective out;
  out.name = "cost:" + list->zone;
  out.price = [list](const Box& box, Mass contents) {
    const auto priced =
        least_price(list->rates, list->rules, list->zone, box.outer, box.tare + contents, list->account);
    return Cost{
        {box.cost.value_or(0) + (priced ? priced->money : kUnpriced), board_mm2(box), outer_mm3(box), 1}};
  };
  out.least = [list](const Box& box) {
    const Money money = least_price_of_size(list->rates, list->rules, list->zone, box.outer, list->account);
    return Cost{{box.cost.value_or(0) + std::min(money, kUnpriced), board_mm2(box), outer_mm3(box), 1}};
  };
  out.floor = [](Mass) { return Cost{{0, 0, 0, 1}}; };
  return out;
}

Mass contents_of(const Order& order, const Package& package) {
  Mass out = 0;
  for (const Placement& placement : package.placements) out += order.items[placement.item].weight;
  return out;
}

Cost cost_of(const Order& order, std::span<const Box> boxes, const Plan& plan, const Objective& objective) {
  Cost out;
  for (const Package& package : plan.packages)
    out += objective.price(boxes[package.box], contents_of(order, package));
  return out;
}

}  // namespace signalbox::pack
