#include "instruments/queries/logs/duration_sketch.hpp"

#include <algorithm>
#include <cmath>

namespace signalbox::queries {
namespace {

constexpr double kAlpha = 0.01;
constexpr double kGamma = (1 + kAlpha) / (1 - kAlpha);
constexpr double kLeastMs = 1e-6, kMostMs = 1e13;

int index_of(double milliseconds) {
  static const double kLog = std::log(kGamma);
  const double bounded = std::isfinite(milliseconds) ? std::clamp(milliseconds, kLeastMs, kMostMs) : kMostMs;
  return static_cast<int>(std::ceil(std::log(bounded) / kLog));
}

}  // namespace

void DurationSketch::widen(int index) {
  if (counts_.empty()) {
    first_ = index;
    counts_.resize(1);
  } else if (index < first_) {
    counts_.insert(counts_.begin(), static_cast<std::size_t>(first_ - index), 0);
    first_ = index;
  } else if (const auto needed = static_cast<std::size_t>(index - first_) + 1; needed > counts_.size()) {
    counts_.resize(needed);
  }
}

void DurationSketch::add(double milliseconds) {
  const int index = index_of(milliseconds);
  widen(index);
  ++counts_[static_cast<std::size_t>(index - first_)];
  ++count_;
}

void DurationSketch::merge(const DurationSketch& other) {
  if (other.counts_.empty()) return;
  widen(other.first_);
  widen(other.first_ + static_cast<int>(other.counts_.size()) - 1);
  for (std::size_t i = 0; i < other.counts_.size(); ++i)
    counts_[static_cast<std::size_t>(other.first_ - first_) + i] += other.counts_[i];
  count_ += other.count_;
}

double DurationSketch::quantile(double q) const {
  if (count_ == 0) return 0;
  const auto rank = static_cast<std::uint64_t>(q * static_cast<double>(count_ - 1));
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    below += counts_[i];
    if (below > rank) return 2 * std::pow(kGamma, first_ + static_cast<int>(i)) / (kGamma + 1);
  }
  return 0;
}

}  // namespace signalbox::queries
