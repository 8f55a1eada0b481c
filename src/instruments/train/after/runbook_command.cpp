#include "instruments/train/after/commands.hpp"
#include "instruments/train/after/office.hpp"
#include "instruments/train/after/runbook_source.hpp"

namespace signalbox::train::after {
namespace {

Result<cli::Outcome> run_runbook(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(Office office, open_office(context, Access::read));
  const std::string train = *arguments.positional(0);
  SIGNALBOX_CHECK(events_of(office, train));
  SIGNALBOX_TRY(const Runbook runbook, read_runbook(context.workspace, office.book->ledger(), office.policy,
                                                    train, context.clock.now()));
  return cli::Outcome(runbook_report(runbook));
}

}  // namespace

cli::Command runbook_command() {
  cli::Command command;
  command.name = "runbook";
  command.summary = "Print the page for the day of a release: steps, ways back, whom to call";
  command.details =
      "Made from the policy and from where the train stands: what the log shows as done is ticked. With "
      "--format "
      "html -o FILE it is a page to print.";
  command.positionals = {{"TRAIN", "its name"}};
  command.run = run_runbook;
  return command;
}

}  // namespace signalbox::train::after
