#include "instruments/pack/choose/floor.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "instruments/pack/choose/bounds.hpp"

namespace signalbox::pack {
namespace {

constexpr Cost kNone{{std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max(),
                      std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::max()}};

void lower(Cost& to, const Cost& cost) {
  for (std::size_t part = 0; part < cost.parts.size(); ++part)
    to.parts[part] = std::min(to.parts[part], cost.parts[part]);
}

// A hair below, for the rounding of doubles.
std::int64_t rounded_up(double value) {
  return static_cast<std::int64_t>(std::ceil(value * (1 - 1e-12) - 1e-9));
}

}  // namespace

CostFloor::CostFloor(const Order& order, std::span<const Box> boxes, const Objective& objective)
    : objective_(objective), least_(kNone), tare_(std::numeric_limits<Mass>::max()) {
  std::vector<Cost> prices;
  std::vector<double> rooms;
  for (const Box& box : boxes) {
    prices.push_back(objective.cheapest(box));
    rooms.push_back(static_cast<double>(volume_of(box.inner)));
    lower(least_, prices.back());
    tare_ = std::min(tare_, box.tare);
  }
  for (const Item& item : order.items) {
    Line line;
    line.weight = item.weight;
    line.needs = kNone;
    line.room.fill(std::numeric_limits<double>::infinity());
    const double volume = static_cast<double>(volume_of(item.size));
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      if (!item_in_box(item, boxes[i]).goes_in) continue;
      lower(line.needs, prices[i]);
      for (std::size_t part = 0; part < line.room.size(); ++part)
        line.room[part] =
            std::min(line.room[part], static_cast<double>(prices[i].parts[part]) * (volume / rooms[i]));
    }
    lines_.push_back(line);
  }
}

Cost CostFloor::of(const Counts& units, std::int64_t packages) const {
  Mass weight = packages * tare_;
  Cost needs{};
  std::array<double, 4> room{};
  for (std::size_t i = 0; i < units.size(); ++i) {
    if (units[i] == 0) continue;
    const Line& line = lines_[i];
    weight += line.weight * units[i];
    for (std::size_t part = 0; part < room.size(); ++part) {
      needs.parts[part] = std::max(needs.parts[part], line.needs.parts[part]);
      room[part] += line.room[part] * static_cast<double>(units[i]);
    }
  }
  const Cost by_weight = objective_.floor(weight);
  Cost out;
  for (std::size_t part = 0; part < room.size(); ++part)
    out.parts[part] = std::max({needs.parts[part] + least_.parts[part] * (packages - 1),
                                by_weight.parts[part], rounded_up(room[part])});
  return out;
}

}  // namespace signalbox::pack
