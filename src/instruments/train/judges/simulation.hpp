// Traffic that is split between a baseline and a canary, made by chance. For tests and benches alone.
#pragma once

#include <cmath>
#include <optional>
#include <random>

#include "instruments/train/judges/sequential.hpp"

namespace signalbox::train::judges::simulation {

struct Traffic {
  int requests_per_s = 400;
  double share = 0.05;             // chance of a request to go to the canary
  double bad_of_baseline = 0.002;  // chance of a request to be bad
  double bad_of_canary = 0.002;
  int hold_s = 900;
};

// How many of `count` trials hit, by skipping over those that do not: the same on every machine.
inline int hits(std::mt19937_64& random, int count, double chance) {
  int out = 0;
  double place = -1;
  for (;;) {
    const double uniform = (static_cast<double>(random() >> 11) + 0.5) * 0x1p-53;
    place += 1 + std::floor(std::log(uniform) / std::log1p(-chance));
    if (place >= count) return out;
    ++out;
  }
}

inline CountPair one_second(std::mt19937_64& random, const Traffic& traffic) {
  const int canary = hits(random, traffic.requests_per_s, traffic.share);
  const int baseline = traffic.requests_per_s - canary;
  return {
      {static_cast<double>(baseline), static_cast<double>(hits(random, baseline, traffic.bad_of_baseline))},
      {static_cast<double>(canary), static_cast<double>(hits(random, canary, traffic.bad_of_canary))}};
}

// Seconds until the evidence, looked at every second, reaches the sequential judge's usual limit; nothing
// where it never does. `traffic_at` says how traffic is in each second.
template <class TrafficAt>
std::optional<int> seconds_to_breach(std::mt19937_64& random, int hold_s, double weight,
                                     TrafficAt traffic_at) {
  const SequentialRule rule;
  Tally tally(weight, rule.tolerated);
  for (int second = 0; second < hold_s; ++second) {
    tally.add(one_second(random, traffic_at(second)));
    if (tally.log_e_worse() >= -std::log(rule.alpha)) return second + 1;
  }
  return std::nullopt;
}

inline std::optional<int> seconds_to_breach(std::mt19937_64& random, const Traffic& traffic) {
  return seconds_to_breach(random, traffic.hold_s, traffic.share, [&](int) { return traffic; });
}

}  // namespace signalbox::train::judges::simulation
