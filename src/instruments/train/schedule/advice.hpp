// What another cadence would have made of the changes of the past: how many ride together, how long they
// wait, how often a departure goes wrong. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"

namespace signalbox::train::schedule {

// A release, and when each of the changes in it was ready.
struct PastRelease {
  std::string tag;
  Time at;
  std::vector<Time> changes;
  enum class Outcome { held, hotfixed } outcome = Outcome::held;  // hotfixed: a patch followed within a week
};

struct CadenceMeasure {
  std::string cadence;
  std::uint64_t departures = 0;  // with something aboard
  double per_month = 0;
  double batch_median = 0, batch_p90 = 0;          // changes
  double wait_days_median = 0, wait_days_p90 = 0;  // from ready to departed
  double fail_rate = 0;                            // of departures: counted, or expected
};

struct Advice {
  CadenceMeasure measured;
  std::vector<CadenceMeasure> simulated;  // of `cadence_names`, the most frequent first
  double capacity = 0;                    // departures a month
  std::string cadence;                    // advised
  std::string reason;
};

struct AdviceOptions {
  double capacity = 0;  // departures a month that can be carried; 0: twice those of the past
};

// `releases` ascending by time. Failures are expected as if each change went wrong by itself, as often as
// explains those that were counted. The most frequent cadence within the capacity is advised: it has the
// shortest waits and the smallest batches. not_found with fewer than three releases, or of less than a week.
Result<Advice> advise(const std::vector<PastRelease>& releases, const AdviceOptions& options);

}  // namespace signalbox::train::schedule
