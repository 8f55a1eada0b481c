// A distribution of durations in little room: any quantile within one per cent of itself.
#pragma once

#include <cstdint>
#include <vector>

namespace signalbox::queries {

// Counts by the power of γ = (1 + α)/(1 − α) that a duration falls under, α = 1 %: a quantile is told within
// α of the duration that it is (DDSketch: Masson, Rim, Lee, VLDB 2019). Durations from a nanosecond to 300
// years.
class DurationSketch {
 public:
  void add(double milliseconds);
  void merge(const DurationSketch& other);
  std::uint64_t count() const { return count_; }
  // The duration at rank ⌊q·(count − 1)⌋ from 0 on, in milliseconds; 0 where there is none.
  double quantile(double q) const;

 private:
  void widen(int index);

  int first_ = 0;  // the power that counts_[0] is of
  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
};

}  // namespace signalbox::queries
