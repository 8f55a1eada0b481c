// The packing problem of one box, in whole numbers without units, and its answer.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

#include "instruments/pack/model/order.hpp"

namespace signalbox::pack {

using Extent = std::array<std::int32_t, 3>;  // along x (length), y (width), z (height)

// Pieces that are alike.
struct CargoType {
  Extent size{};
  TurnSet turns = kAnyTurn;
  std::int32_t count = 1;
  double weight = 0;  // of one, in grams
  bool no_stack = false;
  bool bottom_only = false;
  double max_load = std::numeric_limits<double>::infinity();  // in grams
};

struct Cargo {
  Extent box{};
  std::vector<CargoType> types;
  double weight_limit = std::numeric_limits<double>::infinity();  // of the pieces, in grams
  int support_percent = 75;                                       // 0: pieces may float
  Support::Rule support_rule = Support::Rule::area;
};

// One piece in its place.
struct Stowed {
  std::int32_t type = 0;
  std::int32_t turn = 0;
  Extent at{};
  Extent size{};  // as it stands
};

struct Stowage {
  std::vector<Stowed> pieces;
  double volume = 0;        // of them
  double weight = 0;        // of them, in grams
  bool everything = false;  // no piece was left
  std::uint64_t tries = 0;  // whole packings that were made to find it
};

inline double volume_of(const Extent& size) {
  return static_cast<double>(size[0]) * size[1] * size[2];
}

}  // namespace signalbox::pack
