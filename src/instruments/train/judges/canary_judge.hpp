// All judges of one canary. Fed with what was seen, in order of time, it says whether to go on. It asks
// nobody and keeps no clock: the same looks give the same ruling.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/json.hpp"
#include "instruments/train/judges/kayenta.hpp"
#include "instruments/train/judges/metric.hpp"
#include "instruments/train/judges/metrics_source.hpp"

namespace signalbox::train::judges {

inline constexpr Duration kMinHold = std::chrono::minutes(2);     // no promotion before, whatever was seen
inline constexpr Duration kMaxSilence = std::chrono::minutes(2);  // without data, then it is inconclusive

enum class Standing {
  breach,        // worse: take the traffic back
  inconclusive,  // cannot be judged, which is no success: pause
  undecided,     // nothing against it yet: hold on
  good_enough,   // better than what is ruled out: the hold may end; at the end of a hold: passed
};
std::string_view name_of(Standing standing);  // "breach", "inconclusive", "undecided", "good enough"

enum class Moment { during_hold, end_of_hold };

// What its judge says of one metric so far.
struct MetricStanding {
  std::string metric;
  JudgeKind judge = JudgeKind::sequential;
  Standing standing = Standing::undecided;
  std::string why;  // a sentence with the figures
  Json figures;     // for the record: sequential {"x","m","p0","log_e",…}, kayenta {"classification",…},
                    // threshold {"value","limit","clear",…}; natural logarithms
};

struct Ruling {
  Standing standing = Standing::inconclusive;
  std::string why;  // of the metrics that decided
  std::vector<MetricStanding> metrics;
  std::optional<Score> score;  // of the metrics that Kayenta's judge looks at, at the end of a hold
};

class CanaryJudge {
 public:
  explicit CanaryJudge(std::vector<CanaryMetric> metrics, ScoreRule score = {});
  ~CanaryJudge();
  CanaryJudge(CanaryJudge&&) noexcept;
  CanaryJudge& operator=(CanaryJudge&&) noexcept;

  const std::vector<CanaryMetric>& metrics() const { return metrics_; }

  // The canary gets another share of the traffic from now on. `weight` is in (0, 1); where metrics see
  // different shares, one for each of them.
  void begin_step(double weight, Time start);
  void begin_step(const std::vector<double>& weights, Time start);
  // Looks may differ in length: after a restart one look over the whole step so far tells the same to the
  // sequential judge. Before the first step nothing happens.
  void look(std::size_t metric, const Observation& observation);

  // During a hold: breach and good_enough may end it. Without metrics it is inconclusive.
  Ruling now(Time time) const;
  // When the hold of this step is over: good_enough, breach or inconclusive, never undecided.
  Ruling at_end_of_hold(Time time) const;

 private:
  struct Seat;  // a metric's judge, and when it last had something to look at
  Ruling rule(Time time, Moment moment) const;

  std::vector<CanaryMetric> metrics_;
  ScoreRule score_;
  std::optional<Time> step_start_;
  std::vector<Seat> seats_;
};

}  // namespace signalbox::train::judges
