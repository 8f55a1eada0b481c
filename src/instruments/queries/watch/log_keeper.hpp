// What a log says of statements on its way into the store, as `watch` keeps what a server counts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "instruments/queries/kept/kept_plans.hpp"
#include "instruments/queries/kept/kept_statements.hpp"
#include "instruments/queries/logs/log_profile.hpp"
#include "instruments/queries/watch/plan_keeper.hpp"

namespace signalbox::queries {

// Writes a window for every ten seconds of the log in which something ran, and of each statement a plan now
// and then. A log does not tell rows and blocks, nor statements inside functions. What is older than what was
// kept before is left out, so that a log that is read twice is kept once. Passes all it is told on to the
// profile.
class LogKeeper final : public ExecutionVisitor {
 public:
  // `server`: what it is kept as. conflict where that is a server that is watched itself.
  static Result<LogKeeper> open(store::Database& database, std::string_view server, std::string_view log,
                                LogProfile& profile);

  void execution(const LoggedExecution& execution) override;
  void plan(const LoggedPlan& plan) override;
  Status finish();  // writes the last window; the first error of any

  std::int64_t server() const { return server_.id; }  // of the store
  std::uint64_t windows() const { return windows_; }
  std::uint64_t left_out() const { return left_out_; }  // executions that are older than what was kept

 private:
  LogKeeper(store::Database& database, LogProfile& profile)
      : kept_(database), plans_(database), profile_(&profile) {}
  Status write(Time ended);

  // Of one statement in the window that is open.
  struct Recent {
    std::int64_t calls = 0;
    double total_ms = 0, m2_ms2 = 0;
  };
  struct SeenPlan {
    Time at{};
    double slowest_ms = 0;
  };

  KeptStatements kept_;
  KeptPlans plans_;
  LogProfile* profile_;
  KeptServer server_;
  LastReading last_;
  Status status_;
  std::vector<Recent> recent_;        // by the profile's places
  std::vector<std::size_t> touched_;  // places of those that ran
  Time kept_before_{};                // up to here all was kept before
  Time ends_{};                       // the window; nothing is open where touched_ is empty
  Time newest_{};
  PlanKeeper plan_keeper_;
  std::unordered_map<std::int64_t, SeenPlan> seen_plans_;
  std::uint64_t windows_ = 0, left_out_ = 0;
};

}  // namespace signalbox::queries
