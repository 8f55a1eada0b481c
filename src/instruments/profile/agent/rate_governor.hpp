// Keeps what an agent costs below a budget, by the rate of its samples.
#pragma once

#include <cstdint>

namespace signalbox::profile {

// What a period cost: (taken from the target + used beside it) as a share of the processor time of the
// target, or of one processor where the target used less than that: an idle target is no reason for a
// verdict.
double overhead_ratio(std::int64_t stolen_ns, std::int64_t beside_ns, std::int64_t target_ns,
                      std::int64_t wall_ns);

// For a session of hours, which is judged by whole periods, and whose rate comes back; a recording's is
// capture/governor.hpp.
class RateGovernor {
 public:
  RateGovernor(int wanted_hz, double budget) : wanted_hz_(wanted_hz), rate_hz_(wanted_hz), budget_(budget) {}

  int rate_hz() const { return rate_hz_; }
  // After a period, but for the first ones of a session, which also pay for its start. Over budget the rate
  // is halved, down to 1 Hz; six periods in a row below a quarter of it double it, up to what is wanted.
  // Whether the rate is another now.
  bool judge(double ratio);

 private:
  static constexpr int kCalmPeriods = 6;
  int wanted_hz_;
  int rate_hz_;
  double budget_;
  int calm_ = 0;
};

}  // namespace signalbox::profile
