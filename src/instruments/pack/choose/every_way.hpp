// The cheapest plan of a small order: by every way of dealing its units out to packages.
//
// Each part of the order costs at least what the cheapest box costs that is not shown to be too small for it,
// so the cheapest way to deal the order out into parts of such costs is what no plan is below. Where each
// part of that way can be packed, it is the plan; where one cannot, it costs more than was thought, and the
// next way is looked at. What is not known ends the proof, not the search: such a box is left out from there
// on.
#pragma once

#include <optional>
#include <span>

#include "instruments/pack/choose/packer.hpp"

namespace signalbox::pack {

struct Dealt {
  std::optional<Plan> plan;  // cheaper than what was there
  Cost cost;                 // of it
  bool proven = false;       // no plan is cheaper than it or, where there is none, than what was there
};

// Nothing: the order has too many different parts.
std::optional<Dealt> every_way(Packer& packer, const Order& order, std::span<const Box> boxes,
                               const PlanRequest& request, const Cost& than);

}  // namespace signalbox::pack
