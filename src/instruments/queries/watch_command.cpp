#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/kept/migrations.hpp"
#include "instruments/queries/statements/units.hpp"
#include "instruments/queries/watch/statement_collector.hpp"
#include "instruments/queries/watch/stop_signal.hpp"

namespace signalbox::queries {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::seconds kUsualEvery{10};
constexpr std::chrono::milliseconds kShortestEvery{500};
constexpr std::chrono::hours kUsualKeep{24 * 30};
constexpr std::chrono::hours kForgetEvery{1};
constexpr std::chrono::milliseconds kFirstBackoff{100}, kLongestBackoff{10'000};
constexpr std::size_t kMaxCount = 100'000'000;

struct WatchOptions {
  std::string dsn;
  std::string server;  // empty: its address
  Duration every = kUsualEvery;
  Duration keep = kUsualKeep;
  std::size_t count = kMaxCount;  // of readings
};

// What was done until the end.
struct Watched {
  std::string server;
  std::size_t readings = 0;
  std::size_t failures = 0;
  StatementCycle last;
  Counters sum;  // of all readings but the first, which tells of the time before
};

std::string line_of(const StatementCycle& cycle) {
  if (cycle.is_first)
    return fmt::format("{} are counted since the last reset; what follows is told from now on",
                       counted(cycle.statements, "statement"));
  const double seconds = std::chrono::duration<double>(cycle.span).count();
  return fmt::format("{} calls in {:.1f} s, {} of execution, {} ran{}{}{}", text_of_count(cycle.sum.calls),
                     seconds, text_of_ms(cycle.sum.total_exec_ms), counted(cycle.changed, "statement"),
                     cycle.added > 0 ? fmt::format(", {} new", cycle.added) : "",
                     cycle.reset ? ", the counters were reset in between" : "",
                     cycle.dropped > 0 ? ", some were dropped for want of room" : "");
}

// Readings at absolute times, until there were enough or a signal came; the server may go and come back.
class Watch {
 public:
  Watch(WatchOptions options, store::Database& database, StopSignal& stop, cli::Context& context)
      : options_(std::move(options)), database_(database), stop_(stop), context_(context) {}

  Result<Watched> run() {
    SIGNALBOX_CHECK(connect());  // the first time an error ends it: the address may be wrong
    auto next = SteadyClock::now();
    while (out_.readings < options_.count && !stop_.wait_until(next)) {
      if (const Status done = read_once(); !done) {
        SIGNALBOX_TRY(next, after_failure(done.error()));
        continue;
      }
      backoff_ = kFirstBackoff;
      next += options_.every;
      next = std::max(next, SteadyClock::now());  // what was missed is not made up for
    }
    return std::move(out_);
  }

 private:
  Status connect() {
    SIGNALBOX_TRY(ServerLink link, ServerLink::open(options_.dsn));
    link_ = std::make_unique<ServerLink>(std::move(link));
    const std::string& address = link_->identity().address;
    SIGNALBOX_TRY(
        StatementCollector opened,
        StatementCollector::open(*link_, database_, options_.server.empty() ? address : options_.server));
    collector_ = std::make_unique<StatementCollector>(std::move(opened));
    out_.server = collector_->server().name;
    return {};
  }

  Status read_once() {
    if (collector_ == nullptr) SIGNALBOX_CHECK(connect());
    SIGNALBOX_TRY(out_.last, collector_->cycle());
    ++out_.readings;
    if (!out_.last.is_first) out_.sum += out_.last.sum;
    context_.say(fmt::format("{}  {}", to_rfc3339(context_.clock.now()), line_of(out_.last)));
    if (SteadyClock::now() >= forget_at_) {
      forget_at_ = SteadyClock::now() + kForgetEvery;
      SIGNALBOX_CHECK(collector_->forget_before(context_.clock.now() - options_.keep));
    }
    return {};
  }

  // When it is tried again. What is not the server's being away ends it.
  Result<SteadyClock::time_point> after_failure(const Error& error) {
    ++out_.failures;
    if (error.kind != ErrorKind::unavailable) return fail(error);
    context_.say(fmt::format("{}  {}; again in {}", to_rfc3339(context_.clock.now()), error.message,
                             to_text(backoff_)));
    collector_.reset();
    link_.reset();
    const auto at = SteadyClock::now() + backoff_;
    backoff_ = std::min<std::chrono::milliseconds>(backoff_ * 2, kLongestBackoff);
    return at;
  }

  WatchOptions options_;
  store::Database& database_;
  StopSignal& stop_;
  cli::Context& context_;
  std::unique_ptr<ServerLink> link_;
  std::unique_ptr<StatementCollector> collector_;
  std::chrono::milliseconds backoff_ = kFirstBackoff;
  SteadyClock::time_point forget_at_ = SteadyClock::now();
  Watched out_;
};

Report watched_report(const Watched& watched) {
  Report out;
  out.instrument = "queries";
  out.title = fmt::format("{} was watched", watched.server);
  out.summary = fmt::format("{} of its statements", counted(watched.readings, "reading"));
  out.facts = {{"statements", static_cast<std::int64_t>(watched.last.statements), ""},
               {"calls while it was watched", watched.sum.calls, ""},
               {"execution time in them", text_of_ms(watched.sum.total_exec_ms), ""}};
  if (watched.failures > 0)
    out.facts.push_back({"readings that failed", static_cast<std::int64_t>(watched.failures), ""});
  out.next = {"signalbox queries top"};
  out.data = Json::object({{"server", watched.server},
                           {"readings", static_cast<std::int64_t>(watched.readings)},
                           {"failures", static_cast<std::int64_t>(watched.failures)},
                           {"statements", static_cast<std::int64_t>(watched.last.statements)},
                           {"calls", watched.sum.calls},
                           {"total_exec_ms", watched.sum.total_exec_ms}});
  return out;
}

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  WatchOptions options;
  options.dsn = dsn_of(arguments);
  options.server = arguments.get_or("--server", "");
  SIGNALBOX_TRY(options.every, duration_of(arguments, "--stats-every", kUsualEvery, kShortestEvery));
  SIGNALBOX_TRY(options.keep, duration_of(arguments, "--keep", kUsualKeep, std::chrono::hours(1)));
  SIGNALBOX_TRY(options.count, count_of(arguments, "--count", kMaxCount, kMaxCount));
  SIGNALBOX_TRY(StopSignal stop, StopSignal::listen());
  SIGNALBOX_TRY(const auto database, open_kept_store(context.workspace, context.store));
  SIGNALBOX_TRY(const Watched watched, Watch(std::move(options), *database, stop, context).run());
  return watched_report(watched);
}

}  // namespace

cli::Command watch_command() {
  cli::Command out;
  out.name = "watch";
  out.summary = "Read a server's statements again and again, and keep what they cost";
  out.details =
      "Reads pg_stat_statements, without texts but for statements that are new, and keeps what changed since "
      "the reading "
      "before, across its own end and start too. Until Ctrl-C or SIGTERM. A server that goes away is asked "
      "again, from 0.1 "
      "to 10 s later each time.";
  out.options = {dsn_option(),
                 {"--server", "NAME", "what the server is called here; its address by default", {}, false},
                 {"--stats-every", "TIME", "between readings; 10s by default, 500ms at least", {}, false},
                 {"--keep", "TIME", "how long it is kept; 30d by default", {}, false},
                 {"--count", "N", "ends after so many readings", {}, false}};
  out.run = run;
  return out;
}

}  // namespace signalbox::queries
