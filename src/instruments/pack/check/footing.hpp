// How a thing rests on others, for the judge of plans: by its corners, by its middle, and a whole pile by
// forces.
#pragma once

#include <span>
#include <vector>

#include "instruments/pack/model/plan.hpp"

namespace signalbox::pack {

// Each corner of the underside lies on the top of one of these, inside of it or at its edge.
bool rests_on_corners(const Placement& upper, const std::vector<const Placement*>& below);

// The middle of the underside is between places where it touches these.
bool middle_is_held(const Placement& upper, const std::vector<const Placement*>& below);

enum class Balance { stands, tips, too_many };
// too_many: more than kMostBalanced things above the floor.
Balance balance_of(const Order& order, std::span<const Placement> placements);

}  // namespace signalbox::pack
