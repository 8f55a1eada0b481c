// Pallets and vehicles that have a name, and freight classes: data.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/pack/model/order.hpp"

namespace signalbox::pack {

struct PalletKind {
  std::string name;
  Length length = 0;
  Length width = 0;
  Length deck = 0;  // height of the empty pallet
  Mass tare = 0;
  Mass max_load = 0;
};

// gma: 48 x 40 in, deck 5.5 in, 2,800 lb; eur: 1200 x 800 x 144 mm, 1,500 kg (EPAL). Nothing: no such pallet.
std::optional<PalletKind> pallet_named(std::string_view name);

struct VehicleKind {
  std::string name;
  Size inner{};
};

// 53ft: 630 x 98.5 x 108 in; iso20, iso40, iso40hc: the least inside of ISO 668 (5867, 11998 x 2330 x 2350
// mm, high cubes 2655).
std::optional<VehicleKind> vehicle_named(std::string_view name);
std::vector<std::string> vehicle_names();

// The class of the density scale of 13 tiers that holds from 2025-07-19 (NMFTA docket 2025-1), of pounds a
// cubic foot of the greatest length, width and height with the pallet: "92.5".
std::string_view freight_class(double pounds_per_cubic_foot);

}  // namespace signalbox::pack
