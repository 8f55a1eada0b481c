// Who looks at a ramp while a weight is held: the judges of its metrics, and smoke checks.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "core/base/process.hpp"
#include "instruments/train/ramp/budget.hpp"
#include "instruments/train/ramp/driver_settings.hpp"
#include "instruments/train/ramp/next_action.hpp"

namespace signalbox::train::ramp {

// Looks at the hold of a ramp and keeps what it has seen of it. A look takes half a lease at most: what does
// not fit in waits for the next one.
class Watch {
 public:
  virtual ~Watch() = default;
  virtual Watched look(const Ramp& ramp, Time now) = 0;
};

// What the judges of all metrics say after a look.
struct MetricsView {
  Watched::Standing now = Watched::Standing::no_data;
  Watched::Standing at_end = Watched::Standing::no_data;
  std::string why;
  Json metrics = Json::array();
  bool has_data = false;   // in the newest window that all metrics were looked at in
  Time seen_until;         // where that window ended
  bool is_behind = false;  // there was no time for all of it: the next look goes on there
};

// The judges of a canary's metrics, fed look by look.
class MetricJudges {
 public:
  virtual ~MetricJudges() = default;
  // What is kept of the time before the first weight, as the log holds it; null: nothing need be kept.
  virtual Result<Json> snapshot(Time from, Time to) = 0;
  // The ramp holds another weight from now on, or the same one seen anew from its start. Weights held before
  // it are in the ramp: whoever comes after a restart looks at them again.
  virtual void begin(const Ramp& ramp) = 0;
  // From, not included, to `to`, included. A window that is too short for the source is not looked at.
  virtual MetricsView look(Time from, Time to, const Budget& budget) = 0;
};

// Runs a smoke check; its failure in words, or nothing.
using RunSmoke = std::function<std::optional<std::string>(const Words& words, const Ramp& ramp)>;

// Smoke checks, and how long one of them may take.
struct SmokeChecks {
  std::vector<Words> words;
  RunSmoke run;
  Duration time_limit{};
};

// Judges (may be null: no metrics are configured) and smoke checks together. A smoke check that fails is run
// once more before it counts. After a restart the judges see the hold from its start in slices, so that they
// have as many samples as before, and a gap in the data of the time in which no controller ran is found.
// Without metrics that time is a gap itself.
std::unique_ptr<Watch> make_watch(std::unique_ptr<MetricJudges> judges, SmokeChecks smoke,
                                  Ticks ticks = steady_ticks);

}  // namespace signalbox::train::ramp
