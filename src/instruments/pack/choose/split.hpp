// An order that goes into no single box.
#pragma once

#include <optional>

#include "instruments/pack/choose/packer.hpp"

namespace signalbox::pack {

// The cheapest of several splits: boxes filled one after another by volume, by weight and by both, and units
// dealt out among as few boxes as the bound allows. Nothing where stock does not suffice.
std::optional<Plan> split_order(Packer& packer, const Order& order, std::span<const Box> boxes,
                                const PlanRequest& request);

}  // namespace signalbox::pack
