// What an inch less of each side of each box would have saved, over a history of plans.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "instruments/pack/bill/rates.hpp"
#include "instruments/pack/document/plan_document.hpp"

namespace signalbox::pack {

// One side of one box, cut so far that it rounds to an inch less.
struct TrimWorth {
  std::string box;
  std::size_t side = 0;  // 0 length, 1 width, 2 height
  Length by = 0;
  std::size_t parcels = 0;  // in that box
  std::size_t cheaper = 0;  // of them, billed less
  std::size_t with_room =
      0;  // of them, whose contents leave that much room along the side as they are packed
  std::int64_t saved_lb = 0;
  std::int64_t saved_with_room_lb = 0;
  std::size_t surcharges = 0;  // no longer charged
  Money saved = 0;             // where there are prices
};

// What a parcel costs, by its outer sides and weight; nothing where it has no price.
using ParcelPrice = std::function<std::optional<Money>(const Size& outer, Mass weight)>;

// Those that save most first: by money where there are prices, else by pounds; sides that save nothing last.
std::vector<TrimWorth> trim_worth(std::span<const PlanDocument> plans, const RulePack& rules, Account account,
                                  const ParcelPrice& price);

// What a package's contents leave free along a side, as they lie.
Length room_beside(const Package& package, const Box& box, std::size_t side);

}  // namespace signalbox::pack
