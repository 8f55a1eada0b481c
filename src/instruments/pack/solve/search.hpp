// Fills one box as well as it can in the time it has.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "instruments/pack/solve/blocks.hpp"
#include "instruments/pack/solve/cargo.hpp"

namespace signalbox::pack {

struct Effort {
  std::optional<std::chrono::steady_clock::time_point> until;  // none: by the width alone
  std::size_t max_width = 1;                                   // of the beam; 1: one greedy packing
  std::uint64_t max_tries = UINT64_MAX;  // whole packings: the same end on every machine
  bool everything = false;  // nothing but all pieces counts: a search that stays far from it is given up
  bool parallel = false;    // on all processors
  BlockLimits blocks;
};

// A beam search that widens: each half-filled box is followed by its best next blocks, each of which is
// judged by filling the box greedily behind it, and the best of them go on (Araya and Riff, "A beam search
// approach to the container loading problem", 2014). It ends when everything is in, when the width is over
// `max_width`, or when the time is. A wider search keeps what a narrower one found: more effort is never
// worse.
Stowage fill(const Cargo& cargo, const Effort& effort);

}  // namespace signalbox::pack
