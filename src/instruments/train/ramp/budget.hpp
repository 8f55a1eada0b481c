// How long something may still take.
#pragma once

#include <chrono>
#include <functional>

#include "core/base/clock.hpp"

namespace signalbox::train::ramp {

// Time since some moment, by a clock that never goes back.
using Ticks = std::function<Duration()>;

inline Duration steady_ticks() {
  return std::chrono::floor<Duration>(std::chrono::steady_clock::now().time_since_epoch());
}

class Budget {
 public:
  Budget(Duration at_most, Ticks ticks) : ticks_(std::move(ticks)), end_(ticks_() + at_most) {}
  // Whether something that may take so long still fits in.
  bool allows(Duration more) const { return ticks_() + more <= end_; }

 private:
  Ticks ticks_;
  Duration end_;
};

}  // namespace signalbox::train::ramp
