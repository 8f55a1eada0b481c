// What the three judges have in common: each looks at one metric, in order of time.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "instruments/train/judges/canary_judge.hpp"

namespace signalbox::train::judges {

// What a judge makes of its metric. At the end of a hold never undecided, unless it is classified: then the
// score of all that are decides.
struct Opinion {
  Standing standing = Standing::undecided;
  std::string why;
  Json figures;
  std::optional<ClassifiedMetric> classified = std::nullopt;
};

class MetricJudge {
 public:
  virtual ~MetricJudge() = default;
  virtual void begin_step(double weight) = 0;
  // One of the two, as its metric's query gives it. Counts are possible ones; samples may lack any value.
  virtual void look(const Window& window, const CountPair& counts) = 0;
  virtual void look(const Window& window, const SamplePair& samples) = 0;
  virtual Opinion opinion(Moment moment) const = 0;
};

std::unique_ptr<MetricJudge> make_sequential_judge(const SequentialRule& rule);
std::unique_ptr<MetricJudge> make_kayenta_judge(const KayentaRule& rule);
std::unique_ptr<MetricJudge> make_threshold_judge(const ThresholdRule& rule);

}  // namespace signalbox::train::judges
