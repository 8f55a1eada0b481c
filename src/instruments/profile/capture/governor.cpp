#include "instruments/profile/capture/governor.hpp"

#include <algorithm>

namespace signalbox::profile {
namespace {

constexpr double kLeastUse = 0.1;  // of a processor
constexpr int kWindowsOver = 2;

}  // namespace

std::optional<double> Governor::over(const Reading& now) {
  if (!is_due(now.elapsed_ns)) return std::nullopt;
  const std::int64_t elapsed_ns = now.elapsed_ns - before_.elapsed_ns;
  const double used = std::max(static_cast<double>(now.target_ns - before_.target_ns),
                               kLeastUse * static_cast<double>(elapsed_ns));
  const double share = static_cast<double>(now.cost_ns - before_.cost_ns) / used;
  before_ = now;
  // The first has what it costs to begin.
  if (++windows_ == 1 || share <= limit_) {
    windows_over_ = 0;
    worst_ = 0;
    return std::nullopt;
  }
  worst_ = std::max(worst_, share);
  if (++windows_over_ < kWindowsOver) return std::nullopt;
  const double out = worst_;
  windows_over_ = 0;
  worst_ = 0;
  return out;
}

}  // namespace signalbox::profile
