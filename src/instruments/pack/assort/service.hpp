// What it costs to serve each order of a history by one size of box alone.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "instruments/pack/assort/median.hpp"
#include "instruments/pack/choose/planner.hpp"

namespace signalbox::pack {

inline constexpr std::size_t kMaxCells = 40'000'000;  // orders times sizes

// The cost of each order in one box of each size, its first two parts by the request's objective; an order
// that goes into one box of no size is served by several of a size. Packings are quick ones: what a size is
// said to hold it holds, and more than that it may. `done` is told how many orders are through.
std::vector<ServiceCost> service_costs(const std::vector<Order>& orders, std::span<const Box> sizes,
                                       const PlanRequest& request,
                                       const std::function<void(std::size_t done)>& done);

}  // namespace signalbox::pack
