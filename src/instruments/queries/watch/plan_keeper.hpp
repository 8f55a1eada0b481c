// Plans of a log on their way into the store: few of each statement and shape, without constants.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "instruments/queries/kept/kept_plans.hpp"
#include "instruments/queries/logs/executions.hpp"

namespace signalbox::queries {

// Of one statement and shape a plan is kept once a minute, and whenever it was half as slow again as those
// before. Plans of statements inside functions are not: the log does not say which statement they are of; nor
// are plans of our own executions, as on a copy that is on the same server.
class PlanKeeper final : public ExecutionVisitor {
 public:
  void execution(const LoggedExecution&) override {}
  void plan(const LoggedPlan& plan) override;
  std::vector<PlanSample> take() { return std::exchange(waiting_, {}); }
  std::uint64_t broken() const { return broken_; }  // plans that could not be read: cut off

 private:
  struct Seen {
    Time at{};
    double slowest_ms = 0;
  };
  std::map<std::pair<std::int64_t, std::string>, Seen> seen_;
  std::map<std::int64_t, std::string> fingerprints_;
  std::vector<PlanSample> waiting_;
  std::uint64_t broken_ = 0;
};

}  // namespace signalbox::queries
