#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/http/metrics_server.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/kept/migrations.hpp"
#include "instruments/queries/statements/units.hpp"
#include "instruments/queries/watch/watch.hpp"

namespace signalbox::queries {
namespace {

constexpr std::chrono::milliseconds kShortestEvery{500};
constexpr std::size_t kMaxCount = 100'000'000;
constexpr std::size_t kMostSamples = 10;  // a second
constexpr std::size_t kMostSeries = 5'000;
constexpr std::size_t kMostCores = 65'536;

Report watched_report(const Watched& watched) {
  Report out;
  out.instrument = "queries";
  out.title = fmt::format("{} was watched", watched.server);
  out.summary = fmt::format("{} of its statements", counted(watched.readings, "reading"));
  out.facts = {{"statements", static_cast<std::int64_t>(watched.last.statements), ""},
               {"calls while it was watched", watched.sum.calls, ""},
               {"execution time in them", text_of_ms(watched.sum.total_exec_ms), ""},
               {"samples of sessions", watched.samples, ""}};
  if (watched.plans > 0) out.facts.push_back({"plans kept", static_cast<std::int64_t>(watched.plans), ""});
  if (watched.missed > 0) out.facts.push_back({"samples that were missed", watched.missed, ""});
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
  options.log = arguments.get_or("--log", "");
  SIGNALBOX_TRY(options.every, duration_of(arguments, "--stats-every", options.every, kShortestEvery));
  SIGNALBOX_TRY(options.keep, duration_of(arguments, "--keep", options.keep, std::chrono::hours(1)));
  SIGNALBOX_TRY(options.readings, count_of(arguments, "--count", kMaxCount, kMaxCount));
  SIGNALBOX_TRY(const std::size_t hertz, count_of(arguments, "--ash-hz", 1, kMostSamples));
  options.sample_every = std::chrono::milliseconds(1'000 / hertz);
  SIGNALBOX_TRY(options.series, count_of(arguments, "--series", options.series, kMostSeries));
  if (arguments.has("--cores")) {
    SIGNALBOX_TRY(const std::size_t cores, count_of(arguments, "--cores", 1, kMostCores));
    options.cores = static_cast<int>(cores);
  }
  SIGNALBOX_TRY(StopSignal stop, StopSignal::listen());
  SIGNALBOX_TRY(const auto database, open_kept_store(context.workspace, context.store));
  Watch watch(std::move(options), *database, stop, context.clock, context.say);
  std::unique_ptr<http::MetricsServer> metrics;
  if (const auto address = arguments.get("--listen")) {
    SIGNALBOX_TRY(metrics, http::MetricsServer::start(*address, [&] { return watch.metrics(); }));
    context.say(fmt::format("metrics on port {}", metrics->port()));
  }
  SIGNALBOX_TRY(const Watched watched, watch.run());
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
      "before, across its own end and start too. Beside that it samples who is at work and what they wait "
      "for. Until Ctrl-C or SIGTERM. A server that goes away is asked "
      "again, from 0.1 "
      "to 10 s later each time.";
  out.options = {
      dsn_option(),
      {"--server", "NAME", "what the server is called here; its address by default", {}, false},
      {"--stats-every", "TIME", "between readings; 10s by default, 500ms at least", {}, false},
      {"--keep", "TIME", "how long it is kept; 30d by default", {}, false},
      {"--ash-hz", "N", "samples of sessions a second, 1 to 10; 1 by default", {}, false},
      {"--log",
       "PATH",
       "the server's log, or the folder of its .json logs: plans of auto_explain are kept",
       {},
       false},
      {"--cores",
       "N",
       "processor cores of a server elsewhere: the line that load is drawn beside",
       {},
       false},
      {"--listen", "ADDRESS", "answers GET /metrics there, for Prometheus: 127.0.0.1:9187", {}, false},
      {"--series", "N", "statements with a series of their own in it; 100 by default", {}, false},
      {"--count", "N", "ends after so many readings", {}, false}};
  out.run = run;
  return out;
}

}  // namespace signalbox::queries
