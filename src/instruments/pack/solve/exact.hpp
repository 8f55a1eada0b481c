// Whether all of a few pieces go into one box, settled by trying everything.
//
// Two pieces that do not overlap are apart along some axis, one before the other. So a packing is a choice of
// a turn for each piece and, for each pair, of an axis and an order; the choice can be laid out when no chain
// of pieces is longer than the box (Martello, Pisinger, Vigo, den Boef and Korst, "Algorithm 864: General and
// robot-packable variants of the three-dimensional bin packing problem", 2007). Support, loads and weights
// are left out: what does not go in without them does not go in with them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "instruments/pack/solve/cargo.hpp"

namespace signalbox::pack {

enum class Fits { yes, no, unknown };

struct ExactAnswer {
  Fits fits = Fits::unknown;
  std::vector<Stowed> pieces;  // where `yes`: pushed to the corner of the box, maybe without support
  std::uint64_t nodes = 0;     // choices that were made
};

// More pieces than that are not tried: unknown.
inline constexpr std::size_t kMostExact = 12;

// After so many choices, or at that time, it is given up. A higher limit answers whatever a lower one
// answers.
ExactAnswer fits_exactly(const Cargo& cargo, std::uint64_t most_nodes,
                         std::optional<std::chrono::steady_clock::time_point> until = {});

}  // namespace signalbox::pack
