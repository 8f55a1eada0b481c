// The race of evidence against the clock: what will be too old at the planned departure, and when to make it
// again so that it is not. Pure.
#pragma once

#include <string>
#include <vector>

#include "instruments/train/decision.hpp"

namespace signalbox::train {

// Something that is good now, and not for ever.
struct Expiry {
  std::string row;  // of the decision: a gate, or what is under an exception
  Time expires;
  bool is_lost = false;  // it expires before the departure
  Time renew_from;       // renewed before this it would expire again before the departure
  std::string command;   // that renews it
  std::string owner;
};
// Green gates whose evidence has a largest age, and exceptions in use; the first to expire first.
std::vector<Expiry> freshness_race(const Decision& decision, Time departure);

}  // namespace signalbox::train
