// The judgement of Spinnaker's Kayenta (NetflixACAJudge-v1.0), as its source of April 2025 makes it, without
// the random noise that it adds where both sides are constant: there the comparison is exact.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/config/config.hpp"
#include "instruments/train/judges/metric.hpp"

namespace signalbox::train::judges {

inline constexpr double kKayentaConfidence = 0.98;
inline constexpr double kKayentaTolerance = 0.25;  // part of the estimated shift that the interval must clear

// What became of one metric. nodata_failed: no data, and they were required.
enum class Classification { pass, high, low, nodata, nodata_failed };
std::string_view name_of(Classification classification);  // "Pass", "High", … as Kayenta spells them

struct ClassifiedMetric {
  Classification classification = Classification::nodata;
  bool fails_canary = false;    // a critical metric that failed beyond its critical effect
  double mean_ratio = 1;        // mean of the canary by mean of the baseline; NaN where one is 0
  std::optional<double> shift;  // estimate, in the metric's unit; absent where no test was made
  double shift_lower = 0;
  double shift_upper = 0;
};

// Values of one side after the rule's treatment of NaN and outliers.
std::vector<double> prepared(const KayentaRule& rule, std::span<const double> values);

// Infinities are taken for NaN.
ClassifiedMetric classify(const KayentaRule& rule, std::span<const double> baseline,
                          std::span<const double> canary);

// Thresholds of the score, and weights of groups in per cent; groups that are not named share the rest.
struct ScoreRule {
  double pass = 95;
  double marginal = 75;
  std::map<std::string, double> weights;
};

// Section `train.canary.score`; absent: the defaults. bad_input with file:line:column.
Result<ScoreRule> parse_score(const config::Node& score);

struct ScoredMetric {
  std::vector<std::string> groups;
  Classification classification = Classification::nodata;
  bool fails_canary = false;
};

struct Score {
  double value = 0;                                     // 0 to 100, two decimals
  std::string why_zero;                                 // empty where the value is that of the groups
  bool lacks_data = false;                              // 0 for want of data alone, which is no failure
  std::map<std::string, std::optional<double>> groups;  // absent: no data
};

Score score(const std::vector<ScoredMetric>& metrics, const ScoreRule& rule);

}  // namespace signalbox::train::judges
