#include "instruments/pack/freight/vehicles.hpp"

#include <array>
#include <utility>

namespace signalbox::pack {
namespace {

const std::array<VehicleKind, 4>& vehicles() {
  static const std::array<VehicleKind, 4> all{
      {{"53ft", {630 * kInch, 197 * kInch / 2, 108 * kInch}},
       {"iso20", {5867 * kMillimetre, 2330 * kMillimetre, 2350 * kMillimetre}},
       {"iso40", {11998 * kMillimetre, 2330 * kMillimetre, 2350 * kMillimetre}},
       {"iso40hc", {11998 * kMillimetre, 2330 * kMillimetre, 2655 * kMillimetre}}}};
  return all;
}

}  // namespace

std::optional<PalletKind> pallet_named(std::string_view name) {
  if (name == "gma") return PalletKind{"gma", 48 * kInch, 40 * kInch, 11 * kInch / 2, 0, 2800 * kPound};
  if (name == "eur")
    return PalletKind{"eur", 1200 * kMillimetre, 800 * kMillimetre, 144 * kMillimetre, 0, 1'500'000 * kGram};
  return std::nullopt;
}

std::optional<VehicleKind> vehicle_named(std::string_view name) {
  for (const VehicleKind& each : vehicles())
    if (each.name == name) return each;
  return std::nullopt;
}

std::vector<std::string> vehicle_names() {
  std::vector<std::string> out;
  for (const VehicleKind& each : vehicles()) out.push_back(each.name);
  return out;
}

std::string_view freight_class(double pounds_per_cubic_foot) {
  constexpr std::array<std::pair<double, std::string_view>, 12> kTiers{{{1, "400"},
                                                                        {2, "300"},
                                                                        {4, "250"},
                                                                        {6, "175"},
                                                                        {8, "125"},
                                                                        {10, "100"},
                                                                        {12, "92.5"},
                                                                        {15, "85"},
                                                                        {22.5, "70"},
                                                                        {30, "65"},
                                                                        {35, "60"},
                                                                        {50, "55"}}};
  for (const auto& [below, name] : kTiers)
    if (pounds_per_cubic_foot < below) return name;
  return "50";
}

}  // namespace signalbox::pack
