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
  // A plan for the same lines that is known: where it is valid and nothing cheaper is found, it stays. Who
  // gives more freedom and the plan from before is never worse off.
  std::optional<Plan> start = {};
};

// From this effort on what is less free is searched too: each line as it was measured, and each with its side
// up.
inline constexpr std::size_t kExhaustive = 5000;

// Lines that several ship are planned for each of them by itself. Units that go into no box: bad_input, each
// named with what is missing. A plan that the checker does not let pass is withheld: internal. No plan within
// `max_packages`: conflict.
Result<Plan> plan_order(const Order& order, std::span<const Box> boxes, const PlanRequest& request);

}  // namespace signalbox::pack
