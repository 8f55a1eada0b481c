#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/kept/kept_locks.hpp"
#include "instruments/queries/kept/migrations.hpp"
#include "instruments/queries/logs/lock_report.hpp"
#include "instruments/queries/logs/log_parts.hpp"
#include "instruments/queries/logs/log_report.hpp"
#include "instruments/queries/watch/log_keeper.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kUsualRows = 20;
constexpr std::size_t kMaxRows = 1'000'000;
constexpr std::size_t kUsualJobs = 8;

// Counts records, and looks at none.
class NoVisitor final : public LogVisitor {
 public:
  void record(const LogRecord&) override {}
};

Result<std::vector<LogFileResult>> read_all(const cli::Arguments& arguments, cli::Context& context,
                                            LogVisitor& visitor) {
  LogFileOptions options;
  const std::string format = arguments.get_or("--log-format", "auto");
  if (format != "auto") options.format = log_format_from(format);
  options.prefix = arguments.get_or("--prefix", "");
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  SIGNALBOX_TRY(options.jobs, count_of(arguments, "--jobs", std::min(cores, kUsualJobs), kMaxLogJobs));
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    context.progress.update(done, total, "bytes");
  };
  std::vector<LogFileResult> out;
  for (const std::string& name : arguments.positionals()) {
    SIGNALBOX_TRY(LogFileRead read, read_log_file(name, options, visitor));
    out.push_back({name == "-" ? "standard input" : name, std::move(read)});
  }
  context.progress.finish();
  return out;
}

Result<cli::Outcome> keep(const std::string& name, const cli::Arguments& arguments, cli::Context& context,
                          LogProfile& profile, const LogReportOptions& options) {
  SIGNALBOX_TRY(const auto database, open_kept_store(context.workspace, context.store));
  SIGNALBOX_TRY(LogKeeper keeper, LogKeeper::open(*database, name, arguments.positionals().front(), profile));
  Executions executions(keeper);
  LockLog locks;
  BothVisitors both(executions, locks);
  SIGNALBOX_TRY(const auto files, read_all(arguments, context, both));
  executions.finish();
  locks.finish();
  SIGNALBOX_CHECK(keeper.finish());
  const LockEvents events = locks.take();
  SIGNALBOX_CHECK(KeptLocks(*database).add(keeper.server(), events));
  Report out = log_profile_report(files, profile, executions.counts(), options);
  add_lock_events(events, out);
  out.facts.push_back({"kept", fmt::format("{} of {}", counted(keeper.windows(), "window"), name), ""});
  if (keeper.left_out() > 0)
    out.findings.push_back({"queries/log-kept-before", Severity::note,
                            counted(keeper.left_out(), "execution is", "executions are") +
                                " older than what was kept before, and were not kept again",
                            std::nullopt, ""});
  return out;
}

Result<cli::Outcome> ingest(const cli::Arguments& arguments, cli::Context& context) {
  LogReportOptions options;
  const std::string by = arguments.get_or("--by", "total");
  for (std::size_t i = 0; i < std::size(kLogOrders); ++i) {
    if (by == kLogOrders[i]) options.order = static_cast<LogOrder>(i);
  }
  SIGNALBOX_TRY(options.rows, count_of(arguments, "--rows", kUsualRows, kMaxRows));
  LogProfile profile;
  const auto name = arguments.get("--keep");
  if (name) return keep(*name, arguments, context, profile, options);
  Executions executions(profile);
  LockLog locks;
  BothVisitors both(executions, locks);
  SIGNALBOX_TRY(const auto files, read_all(arguments, context, both));
  executions.finish();
  locks.finish();
  Report out = log_profile_report(files, profile, executions.counts(), options);
  add_lock_events(locks.take(), out);
  return out;
}

Result<cli::Outcome> check(const cli::Arguments& arguments, cli::Context& context) {
  NoVisitor visitor;
  SIGNALBOX_TRY(const auto files, read_all(arguments, context, visitor));
  return log_check_report(files);
}

cli::Command sub_command(std::string name, std::string summary, std::string details, cli::Handler run) {
  cli::Command out;
  out.name = std::move(name);
  out.summary = std::move(summary);
  out.details = std::move(details);
  out.positionals = {{"FILE", "a log, also .gz, .zst, .bz2, .xz; - is standard input",
                      cli::Positional::Count::at_least_one}};
  out.options = {
      {"--log-format",
       "FORMAT",
       "auto by default",
       {"auto", "jsonlog", "csvlog", "stderr", "rds", "syslog", "cloudsql", "cnpg"},
       false},
      {"--prefix", "PREFIX", "log_line_prefix of the server; found out by default", {}, false},
      {"-j,--jobs", "N", "threads that read; as many as there are cores, 8 at most, by default", {}, false}};
  out.run = std::move(run);
  out.anywhere = true;
  return out;
}

}  // namespace

cli::Command log_command() {
  cli::Command out;
  out.name = "log";
  out.summary = "Read a server's log";
  cli::Command reading =
      sub_command("ingest", "Rank the statements of a log, with true quantiles of their durations",
                  "Counts each execution once, though a plan of auto_explain may stand beside its duration; "
                  "what is counted "
                  "is what pg_stat_statements counts. Quantiles are within one per cent.",
                  ingest);
  reading.options.push_back({"--by",
                             "ORDER",
                             "what they are sorted by; total by default",
                             {std::begin(kLogOrders), std::end(kLogOrders)},
                             false});
  reading.options.push_back(
      {"--keep",
       "NAME",
       "in the store too, as the server NAME, for `top`, `show` and `compare`; files in the order of time",
       {},
       false});
  reading.options.push_back({"-n,--rows", "N", "how many rows; 20 by default", {}, false});
  out.commands = {std::move(reading),
                  sub_command("check", "Say how much of a log can be read, and where it cannot",
                              "Exit 1 where more than a tenth of the lines are no records.", check)};
  return out;
}

}  // namespace signalbox::queries
