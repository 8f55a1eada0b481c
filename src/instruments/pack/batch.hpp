// Many orders: their plans, what they come to, and what a baseline comes to.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "instruments/pack/options.hpp"

namespace signalbox::pack {

struct Planned {
  std::optional<Plan> plan;
  Error why;  // where there is none
  std::chrono::microseconds took{};
};

// On all processors. Each order by itself: what comes out does not depend on how many there are.
std::vector<Planned> plan_all(const std::vector<Order>& orders, const std::vector<Box>& boxes,
                              const PlanRequest& request, cli::Progress& progress, const Starts& starts = {});

// The way of people without a plan: things lie as they were measured (but those that go into no box
// so), one packing tried, in as few boxes as that gives, each the smallest.
std::vector<Planned> baseline_of(const std::vector<Order>& orders, const std::vector<Box>& boxes,
                                 const PlanRequest& request, cli::Progress& progress);

// What plans come to, over orders for which `counted` is true.
struct Totals {
  std::size_t orders = 0;
  std::size_t boxes = 0;
  std::size_t at_bound = 0;  // orders with as few boxes as can be
  std::size_t proven = 0;
  double fills = 0;  // sum over orders of contents over boxes
  double contents_l = 0;
  double inner_l = 0;
  double outer_l = 0;
  std::int64_t board_mm2 = 0;
  std::int64_t billed_lb = 0;
  std::int64_t actual_lb = 0;
  std::size_t dim_parcels = 0;  // billed by their size
  std::size_t surcharges = 0;
  Money money = 0;                                               // where there are prices
  std::size_t unpriced = 0;                                      // parcels
  std::map<std::string, std::pair<std::size_t, double>> by_box;  // count, sum of fills
};
Totals totals_of(const std::vector<Order>& orders, const std::vector<Box>& boxes,
                 const std::vector<Planned>& planned, const Asked& asked, const std::vector<bool>& counted);

// Pounds billed for a plan's packages.
std::int64_t billed_lb_of(const Order& order, const std::vector<Box>& boxes, const Plan& plan,
                          const RulesAsked& rules);

}  // namespace signalbox::pack
