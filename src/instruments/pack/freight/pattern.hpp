// Equal rectangles on a larger one: the manufacturer's pallet loading problem.
#pragma once

#include <cstdint>
#include <vector>

#include "instruments/pack/model/quantity.hpp"

namespace signalbox::pack {

// One rectangle: its corner, and whether its first side lies across.
struct PatternPiece {
  Length x = 0;
  Length y = 0;
  bool across = false;
};

struct Pattern {
  std::vector<PatternPiece> pieces;
  std::int64_t bound = 0;  // no pattern has more, by the area that sums of the sides can reach
};

// Rectangles of `a` by `b` in `length` by `width`, each along or across: the recursive five-block heuristic
// (Morabito and Morales 1998; Birgin, Lobato, Morabito 2010), which divides by guillotine cuts and by
// pinwheels at sums of the sides. It ends where the bound is reached or after kMostCuts and
// kMostPinwheels divisions.
inline constexpr std::int64_t kMostCuts = 10'000'000;
inline constexpr std::int64_t kMostPinwheels = 2'000'000;
Pattern best_pattern(Length length, Length width, Length a, Length b, bool may_lie_across = true);

}  // namespace signalbox::pack
