#include "instruments/train/after/commands.hpp"
#include "instruments/train/after/dora_report.hpp"
#include "instruments/train/after/office.hpp"

namespace signalbox::train::after {
namespace {

Result<cli::Outcome> run_dora(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const DoraQuery query, dora_query(arguments.get("--since"), arguments.get("--until"),
                                                  arguments.get("--service"), context.clock.now()));
  SIGNALBOX_TRY(Office office, open_office(context, Access::read));
  DoraSource source;
  source.deliveries.since = query.since;
  source.deliveries.until = query.until;
  if (office.book) {
    SIGNALBOX_TRY(source, read_dora(office.book->ledger(), office.policy.trust, office.repository, query));
  }
  return cli::Outcome(dora_report(source, query));
}

}  // namespace

cli::Command dora_command() {
  cli::Command command;
  command.name = "dora";
  command.summary = "Measure delivery: frequency, lead time, failures, time to restore, rework";
  command.details =
      "From the statements of departures, ways back and incidents in the log, and the times of commits in "
      "git. "
      "docs/after.md has the definitions.";
  command.options = {
      {.name = "--since", .value = "TIME", .help = "RFC 3339, or so long before --until; by default 90d"},
      {.name = "--until", .value = "TIME", .help = "RFC 3339, or so long before now, which is the default"},
      {.name = "--service", .value = "NAME", .help = "of this service alone"}};
  command.run = run_dora;
  return command;
}

}  // namespace signalbox::train::after
