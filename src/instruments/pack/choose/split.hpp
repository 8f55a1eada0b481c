// Plans of several boxes.
#pragma once

#include <optional>

#include "instruments/pack/choose/floor.hpp"
#include "instruments/pack/choose/packer.hpp"

namespace signalbox::pack {

// A plan that costs less than `than`, where one is found, the cheapest of several kinds:
//   boxes of one kind filled one after another, and what goes into none of it in another kind so;
//   units dealt out among 2, 3 … boxes;
//   every sequence of up to kMaxPeeled boxes, each filled as far as it goes, the last with the rest.
// Whatever part of it costs less in another box goes into that one. What is tried does not depend on which
// boxes there are beyond those in it: one box more never makes the outcome worse, where stock sets no limit.
// What cannot cost less is left out by CostFloor alone. Where the time is over, what was found by then.
inline constexpr int kMaxPeeled = 3;
inline constexpr std::size_t kMaxKinds = 3;    // of boxes filled one after another
inline constexpr std::int64_t kMaxDealt = 64;  // boxes among which units are dealt out
std::optional<Plan> cheaper_split(Packer& packer, const CostFloor& floor, const Order& order,
                                  std::span<const Box> boxes, const PlanRequest& request, const Cost& than);

}  // namespace signalbox::pack
