// A recorded canary, judged look by look as if it were happening.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "instruments/train/judges/canary_judge.hpp"

namespace signalbox::train::judges {

inline constexpr std::size_t kMaxLooks = 5'000;  // rows beyond are looked at several at a time

// One figure of one metric over the looks: log₁₀ of an e-value, or a value beside its limit.
struct Curve {
  std::string metric;
  JudgeKind judge = JudgeKind::sequential;
  std::vector<double> seconds;  // since the start
  std::vector<double> values;
  double limit = 0;
};

struct Trial {
  std::vector<CanaryMetric> metrics;
  Window whole;
  std::size_t looks = 0;
  Ruling ruling;                     // of the first breach, else when the hold is over
  std::optional<Time> breach_at;     // the look at which it was seen
  std::optional<Time> promotion_at;  // the first look at which the hold could have ended early
  std::vector<Curve> curves;
};

// Windows that end at `times`, at most kMaxLooks of them. The first is as long as the second, or a minute.
std::vector<Window> windows_of(const std::vector<Time>& times);

// `weights`: the canary's planned share of the traffic that each metric sees, in (0, 1). There is at least
// one window.
Trial run_trial(MetricsSource& source, std::vector<CanaryMetric> metrics, const ScoreRule& score,
                const std::vector<Window>& windows, const std::vector<double>& weights);

}  // namespace signalbox::train::judges
