// How a release is after it has left: figures of a metrics server, its canary, its incidents, what is still
// to be done. The summary of a release's health, as train/health/v1 tells it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/train/after/aftermath.hpp"
#include "instruments/train/after/health_settings.hpp"
#include "instruments/train/after/incident.hpp"

namespace signalbox::train::after {

struct HealthFigure {
  HealthMeasure measure;
  std::string asked;            // the query as it was asked
  std::optional<double> value;  // absent: there is none, and `why` says so
  std::string why;
  enum class Verdict { told, pass, fail, no_data } verdict = Verdict::no_data;
};

// Value of one query at a time, or why there is none.
using AskMetric = std::function<Result<double>(const std::string& query, Time time)>;
// What is asked of whom, at which time: all traffic and `settings.after`, or now where that has not come.
std::vector<HealthFigure> take_figures(const HealthSettings& settings, const Ending& ending, Time time,
                                       const AskMetric& ask);
Time time_of_figures(const HealthSettings& settings, const Ending& ending, Time now);

struct Health {
  std::string train;
  Ending ending;
  Time measured;                                           // time of the figures
  enum class Stage { early, final } stage = Stage::early;  // early: the release is younger than `after`
  std::vector<HealthFigure> figures;
  std::string canary;  // result of its newest canary: "pass"; empty: none was judged
  std::size_t departures = 0, ways_back = 0;
  std::vector<Incident> incidents;
  std::size_t open_actions = 0, overdue_actions = 0;

  // Every judged figure passes, no incident is open, the release has not been taken back.
  bool is_well() const;
};
Health make_health(const TrainEvents& events, const HealthSettings& settings,
                   std::vector<HealthFigure> figures, Time now);

Json health_predicate(const Health& health);
Report health_report(const Health& health);
// The newest that was recorded, under `recorded` when and by whom; or, without a verdict, what the log tells
// where nobody has. Of a train that has neither left nor been taken back `ending` is null.
Report recorded_health_report(const TrainEvents& events, const HealthSettings& settings, Time now);

}  // namespace signalbox::train::after
