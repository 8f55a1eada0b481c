// The attempts of a train to depart, as the first step of each tells: what was to leave, and by which
// decision.
#pragma once

#include <vector>

#include "instruments/train/after/passage.hpp"
#include "instruments/train/ramp/ramp_event.hpp"

namespace signalbox::train::after {

struct Attempt {
  std::uint64_t index = 0;  // of its first step, in the log
  ramp::Begin begin;
};
// Oldest first; ways back of what had departed are none.
std::vector<Attempt> attempts_in(const TrainEvents& events);

// The newest of them that was about what the ending is of; null where none was.
const Attempt* attempt_of(const std::vector<Attempt>& attempts, const Ending& ending);

}  // namespace signalbox::train::after
