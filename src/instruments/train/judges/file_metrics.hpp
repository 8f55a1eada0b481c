// Which metrics the columns of a canary's files hold, and who judges them.
#pragma once

#include <optional>
#include <vector>

#include "instruments/train/judges/metric.hpp"
#include "instruments/train/judges/series_reader.hpp"

namespace signalbox::train::judges {

struct FileMetricsQuery {
  std::vector<CanaryMetric> configured;  // their rules apply to the columns of their names
  std::vector<std::string> only;         // names; empty: all
  std::optional<JudgeKind> judge;  // for all metrics; absent: the configured one, else sequential for counts
                                   // and Kayenta's for values
  ThresholdRule threshold;         // where the threshold judge is asked for and nothing is configured
  KayentaRule kayenta;
  SequentialRule sequential;
};

// In the order of the columns, the canary's first; a column of one side alone is a metric too. bad_input
// where a name in `only` has no column.
Result<std::vector<CanaryMetric>> metrics_in(const SeriesTable& baseline, const SeriesTable& canary,
                                             const FileMetricsQuery& query);

// The canary's part of all requests that the files hold for the metric, within ]0, 1[; a half where none are.
double share_in(const SeriesTable& baseline, const SeriesTable& canary, const CanaryMetric& metric);

}  // namespace signalbox::train::judges
