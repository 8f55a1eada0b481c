#include "instruments/profile/agent/rate_governor.hpp"

#include <algorithm>

namespace signalbox::profile {

double overhead_ratio(std::int64_t stolen_ns, std::int64_t beside_ns, std::int64_t target_ns,
                      std::int64_t wall_ns) {
  const std::int64_t whole = std::max({target_ns, wall_ns, std::int64_t{1}});
  return static_cast<double>(stolen_ns + beside_ns) / static_cast<double>(whole);
}

bool RateGovernor::judge(double ratio) {
  const int before = rate_hz_;
  if (ratio > budget_) {
    calm_ = 0;
    rate_hz_ = std::max(1, rate_hz_ / 2);
  } else if (ratio >= budget_ / 4) {
    calm_ = 0;
  } else if (++calm_ >= kCalmPeriods) {
    calm_ = 0;
    rate_hz_ = std::min(wanted_hz_, rate_hz_ * 2);
  }
  return rate_hz_ != before;
}

}  // namespace signalbox::profile
