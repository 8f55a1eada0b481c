#include "instruments/queries/analysis/top.hpp"
#include "instruments/queries/commands.hpp"
#include "instruments/queries/kept/kept_sessions.hpp"

namespace signalbox::queries {
namespace {

constexpr std::size_t kUsualRows = 20;
constexpr std::size_t kMaxRows = 10'000;

Result<cli::Outcome> run(const cli::Arguments& arguments, cli::Context& context) {
  TopOptions options;
  options.order = *top_order_from(arguments.get_or("--by", "total"));
  options.key = arguments.get_or("--key", "queryid") == "fingerprint" ? TopKey::fingerprint : TopKey::queryid;
  options.nested = arguments.has("--nested");
  SIGNALBOX_TRY(options.rows, count_of(arguments, "--rows", kUsualRows, kMaxRows));
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  KeptStatements kept(*asked.database);
  SIGNALBOX_TRY(const SpanTotals totals, kept.totals(asked.server.id, asked.span));
  SIGNALBOX_TRY(const Top found, ranked(kept, asked.server.id, asked.span, options));
  SIGNALBOX_TRY(const ProcessorUse processor,
                KeptSessions(*asked.database).processor(asked.server.id, asked.span));
  return top_report(found, asked.server, totals, processor);
}

}  // namespace

cli::Command top_command() {
  cli::Command out;
  out.name = "top";
  out.summary = "Rank the statements of a span of time by what they cost";
  out.details =
      "Of what `watch` has kept. The row `other` is all that is not listed, so that the rows add up to what "
      "the server "
      "counted. p95 ≤ is a bound that mean and deviation allow, not an estimate: no more than 5 % of the "
      "executions "
      "took longer.";
  out.options = {{"--by", "ORDER", "what they are sorted by; total by default", top_order_names(), false},
                 {"--key", "KEY", "what a row is of; queryid by default", {"queryid", "fingerprint"}, false},
                 {"-n,--rows", "N", "how many rows; 20 by default", {}, false},
                 {"--nested",
                  "",
                  "statements inside functions too; their time is in their callers' as well",
                  {},
                  false}};
  for (cli::Option& option : kept_options()) out.options.push_back(std::move(option));
  out.run = run;
  return out;
}

}  // namespace signalbox::queries
