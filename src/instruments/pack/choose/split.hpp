// An order that goes into no single box.
#pragma once

#include <optional>

#include "instruments/pack/choose/packer.hpp"

namespace signalbox::pack {

// The cheapest of several splits: boxes filled one after another by volume, by weight and by both, and units
// dealt out among as few boxes as the bound allows. Nothing where stock does not suffice.
std::optional<Plan> split_order(Packer& packer, const Order& order, std::span<const Box> boxes,
                                const PlanRequest& request);

// A split that costs less than `than`, of at most kMaxPeeled boxes, where one is found: a box filled as far
// as it goes, and the rest in the cheapest that takes it, or again.
inline constexpr int kMaxPeeled = 3;
std::optional<Plan> cheaper_split(Packer& packer, const Order& order, std::span<const Box> boxes,
                                  const PlanRequest& request, const Cost& than);

}  // namespace signalbox::pack
