// One kind of case on a pallet, in layers.
#pragma once

#include "instruments/pack/freight/vehicles.hpp"
#include "instruments/pack/model/plan.hpp"

namespace signalbox::pack {

struct PalletRequest {
  PalletKind pallet;
  Item item;                       // a case; its quantity: how many there are, at most
  Length max_height = 60 * kInch;  // with the pallet
  Length overhang = 0;             // on each side
  enum class Layers {
    column,
    interlock
  } layers = Layers::column;  // interlock: every second layer turned about
  Support support;
};

// The pallet as a box, and the cases on it as a plan: its order has the one item with as many units as are on
// it.
struct PalletLoad {
  Box box;
  Order order;
  Plan plan;
  std::vector<std::int64_t> layers;  // cases in each, from below
  std::int64_t bound = 0;            // no load of layers has more
};

// The pallet as a box into which things are put: footprint and overhang by the height that is left.
Box box_of(const PalletKind& pallet, Length max_height, Length overhang);

// The layers of the three ways in which a case may stand that hold most cases in the height and the load;
// each layer by best_pattern. Errors: conflict where not one case goes on it, bad_input where more than
// kMostInARow would lie along it, or more than kMostCases on it.
inline constexpr Length kMostInARow = 300;
inline constexpr std::int64_t kMostCases = 50'000;
Result<PalletLoad> load_pallet(const PalletRequest& request);

}  // namespace signalbox::pack
