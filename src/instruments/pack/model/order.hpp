// What is to be packed, and into what: plain values.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/pack/model/quantity.hpp"

namespace signalbox::pack {

// Length, width, height of a thing as its owner measures it.
using Size = std::array<Length, 3>;
inline constexpr std::array<const char*, 3> kSideNames{"length", "width", "height"};

// One of the six ways in which a thing can stand: which of its own sides lies along the length (x), the width
// (y) and the height (z) of what it is packed into. kTurns[0] is as it was measured.
using Turn = std::array<int, 3>;
inline constexpr std::array<Turn, 6> kTurns{
    {{0, 1, 2}, {1, 0, 2}, {0, 2, 1}, {2, 0, 1}, {1, 2, 0}, {2, 1, 0}}};

// A set of turns: bit i allows kTurns[i].
using TurnSet = std::uint8_t;
inline constexpr TurnSet kAnyTurn = 0b111111;
inline constexpr TurnSet kThisSideUp = 0b000011;  // its own height stays the height
inline constexpr TurnSet kAsMeasured = 0b000001;

// The turns in which one of the sides of `vertical` (length, width, height) may be the height.
TurnSet turns_with_vertical(const std::array<bool, 3>& vertical);

Size turned(const Size& size, int turn);

// Units of one SKU in an order, and what they bear.
struct Item {
  std::string sku;
  std::int64_t quantity = 1;
  Size size{};
  Mass weight = 0;  // of one unit
  TurnSet turns = kAnyTurn;
  bool no_stack = false;                         // nothing may lie on it
  bool bottom_only = false;                      // stands on the floor of the box
  std::optional<Mass> max_load;                  // what may lie on it, in all
  std::optional<std::int64_t> max_per_box = {};  // units in one box
  bool returnable_only = false;                  // goes into returnable boxes alone
  std::string source = {};  // who ships it, where the house does not; nothing of others is in its boxes
  std::int64_t stop = 0;    // at which it is unloaded through the rear, x = length; from 1, 0: none
};

struct Order {
  std::string id;
  std::vector<Item> items;
};

// Where a trailer's load rests, from the front wall, and how much of the load may rest there.
struct Axles {
  Length kingpin = 0;
  Length rear = 0;  // the middle of the axles
  std::optional<Mass> max_kingpin;
  std::optional<Mass> max_rear;

  bool operator==(const Axles&) const = default;
};

// A kind of box that can be taken.
struct Box {
  std::string sku;
  Size inner{};
  Size outer{};
  Mass tare = 0;
  std::optional<Mass> max_weight;     // with the box itself; none: no limit
  std::optional<std::int64_t> stock;  // how many there are; none: as many as needed
  std::optional<std::int64_t> cost;   // of one box, in millionths of the user's currency
  std::optional<Axles> axles = {};    // of a trailer
  bool returnable = false;            // comes back
  std::string source = {};            // where it is; empty: everywhere

  bool operator==(const Box&) const = default;
};

// How each thing that does not stand on the floor must rest on what is below it.
struct Support {
  // area: with `percent` of its underside. corners: with all four corners of it. balance: so that nothing
  // tips, by forces and moments.
  enum class Rule { area, corners, balance };
  int percent = 75;  // of area; 0: none is asked for, things may float
  Rule rule = Rule::area;

  bool operator==(const Support&) const = default;
};
// With more things above the floor of one box than that their balance is not judged, so none is packed so.
inline constexpr std::size_t kMostBalanced = 150;
// As --support takes it: "area:75", "none", "corners", "static".
std::string to_text(const Support& support);
std::optional<Support> support_from(std::string_view text);

ExactVolume volume_of(const Size& size);
double litres(const Size& size);

}  // namespace signalbox::pack
