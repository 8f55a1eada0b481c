// A server looked at until somebody says stop: its statements, its sessions, and who is in whose way.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "core/base/clock.hpp"
#include "instruments/queries/kept/kept_sessions.hpp"
#include "instruments/queries/logs/lock_log.hpp"
#include "instruments/queries/logs/log_tail.hpp"
#include "instruments/queries/watch/plan_keeper.hpp"
#include "instruments/queries/watch/session_sampler.hpp"
#include "instruments/queries/watch/statement_collector.hpp"
#include "instruments/queries/watch/stop_signal.hpp"
#include "instruments/queries/watch/top_series.hpp"

namespace signalbox::queries {

struct WatchOptions {
  std::string dsn;
  std::string server;  // empty: its address
  Duration every = std::chrono::seconds(10);
  std::chrono::milliseconds sample_every{1'000};
  Duration keep = std::chrono::hours(24 * 30);
  std::size_t readings = SIZE_MAX;  // it ends after so many
  std::string log;                  // a file or folder that the server logs to; empty: no plans are kept
  int cores = 0;                    // of a server elsewhere; 0: what the machine that both are on says
  std::size_t series = 100;         // statements with series of their own in the metrics
};

// What was done until the end.
struct Watched {
  std::string server;
  std::size_t readings = 0;
  std::size_t failures = 0;
  std::int64_t samples = 0, missed = 0;  // of sessions
  std::size_t plans = 0;                 // of the log that were kept
  StatementCycle last;
  Counters sum;  // of all readings but the first, which tells of the time before
};

// Readings and samples at even times, until there were enough or a signal came; the server may go and come
// back, and is asked again after 0.1 to 10 s. Two connections. `run` is called once; `metrics` from any
// thread.
class Watch {
 public:
  using SteadyClock = std::chrono::steady_clock;
  Watch(WatchOptions options, store::Database& database, StopSignal& stop, const Clock& clock,
        std::function<void(std::string_view)> say)
      : options_(std::move(options)),
        database_(database),
        stop_(stop),
        clock_(clock),
        say_(std::move(say)),
        series_(options_.series) {}

  Result<Watched> run();  // what is wrong at the first connection ends it: the address may be wrong
  std::string metrics();  // Prometheus' text format; empty before the first reading

 private:
  Status connect();
  Status step(SteadyClock::time_point now);
  Status read_once();
  Status keep_sessions();
  Status keep_plans();
  Result<SteadyClock::time_point> after_failure(const Error& error);

  WatchOptions options_;
  store::Database& database_;
  StopSignal& stop_;
  const Clock& clock_;
  std::function<void(std::string_view)> say_;
  std::unique_ptr<ServerLink> link_, sample_link_;
  std::unique_ptr<StatementCollector> collector_;
  std::unique_ptr<SessionSampler> sampler_;
  std::chrono::milliseconds backoff_{100};
  SteadyClock::time_point reading_due_ = SteadyClock::now();
  SteadyClock::time_point forget_at_ = SteadyClock::now();
  Watched out_;
  TopSeries series_;
  PlanKeeper plans_;
  Executions executions_{plans_};
  LockLog locks_;
  BothVisitors log_{executions_, locks_};
  std::unique_ptr<LogTail> tail_;
  std::mutex metrics_mutex_;
  std::string metrics_;
};

}  // namespace signalbox::queries
