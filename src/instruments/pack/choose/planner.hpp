// Which boxes an order goes into, and how: the plan with the least cost that is found, checked.
#pragma once

#include <chrono>
#include <optional>
#include <span>

#include "instruments/pack/choose/objective.hpp"
#include "instruments/pack/choose/scaled.hpp"

namespace signalbox::pack {

struct PlanRequest {
  Support support;
  Objective objective = fewest_boxes();
  std::size_t effort = 4;                         // width of the beam where a greedy packing does not do
  std::optional<std::chrono::milliseconds> time;  // for one order; none: by the effort alone
  std::int64_t max_packages = 1000;
};

// Units that go into no box: bad_input, each named with what is missing. A plan that the checker does not let
// pass is withheld: internal. No plan within `max_packages`: conflict.
Result<Plan> plan_order(const Order& order, std::span<const Box> boxes, const PlanRequest& request);

}  // namespace signalbox::pack
