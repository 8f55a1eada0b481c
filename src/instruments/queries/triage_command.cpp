#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/queries/analysis/triage.hpp"
#include "instruments/queries/catalog/plan_catalog_reading.hpp"
#include "instruments/queries/commands.hpp"

namespace signalbox::queries {
namespace {

Result<cli::Outcome> run_triage(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const Asked asked, ask_kept(arguments, context));
  SIGNALBOX_TRY(const Duration recent, duration_of(arguments, "--recent", kUsualRecent, kShortestTriaged));
  SIGNALBOX_TRY(const Duration earlier, duration_of(arguments, "--before", kUsualBefore, kShortestTriaged));
  const Span after{asked.span.until - recent, asked.span.until};
  const Span before{after.since - earlier, after.since};
  CatalogSource catalog;
  if (arguments.has("--dsn")) {
    SIGNALBOX_TRY(ServerLink opened, ServerLink::open(dsn_of(arguments)));
    const auto link = std::make_shared<ServerLink>(std::move(opened));
    catalog = [link](const Plan& plan) { return read_plan_catalog(*link, plan); };
  }
  SIGNALBOX_TRY(const TriageInput input,
                read_triage(*asked.database, asked.server.id, before, after, catalog));
  return triage_report(triage(input), input, asked.server);
}

}  // namespace

cli::Command triage_command() {
  cli::Command out;
  out.name = "triage";
  out.summary = "Walk from `it became slow` to the statement, the reason and the remedy";
  out.details =
      "Compares the last minutes with those before: which statement made the difference, whether its plan "
      "changed, what it waits "
      "for, whether it is one statement or all of them, and what to do. Exit 1 where something became slow.";
  out.options = {
      {"--server", "NAME", "which of several that are watched", {}, false},
      {"--until", "TIME", "as it was then, instead of at the last reading", {}, false},
      {"--dsn", "ADDRESS", "asks the server's catalogue what its statistics and indexes are", {}, false},
      {"--recent", "TIME", "how long the last minutes are; 5m by default", {}, false},
      {"--before", "TIME", "how long what they are compared with is; 30m by default", {}, false}};
  out.run = run_triage;
  return out;
}

}  // namespace signalbox::queries
