#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/after/commands.hpp"
#include "instruments/train/after/office.hpp"
#include "instruments/train/after/runbook_source.hpp"
#include "instruments/train/after/tick.hpp"

namespace signalbox::train::after {
namespace {

Result<cli::Outcome> run_tick(const cli::Arguments& arguments, cli::Context& context) {
  const std::string train = *arguments.positional(0);
  TickEvent tick;
  tick.step = *arguments.positional(1);
  if (arguments.has("--undo")) tick.what = TickEvent::What::undone;
  if (const auto note = arguments.get("--note")) {
    SIGNALBOX_TRY(tick.note, one_line(*note, "--note", kMaxTickNoteBytes));
  }
  SIGNALBOX_TRY(Office office, open_office(context, Access::append));
  const auto read = [&]() {
    return read_runbook(context.workspace, office.book->ledger(), office.policy, train, context.clock.now());
  };
  const auto make = [&](const TrainEvents&, const Aftermath&) -> Result<NewEvent> {
    SIGNALBOX_TRY(const Runbook page, read());
    SIGNALBOX_CHECK(check_tick(page, tick));
    NewEvent event;
    event.kind = "tick";
    event.predicate = to_json(tick);
    event.key = arguments.get("--key");
    return event;
  };
  SIGNALBOX_CHECK(append_to(office, train, make));
  SIGNALBOX_TRY(const Runbook page, read());
  return cli::Outcome(runbook_report(page));
}

}  // namespace

cli::Command tick_command() {
  cli::Command command;
  command.name = "tick";
  command.summary = "Say that a step of the runbook is done";
  command.details =
      "Steps that the log knows of are ticked by themselves; these are the ones that people do. Each tick is "
      "a "
      "signed event of the train.";
  command.options = {{.name = "--note", .value = "TEXT", .help = "what was seen"},
                     {.name = "--undo", .help = "it is not done after all; --note says why"},
                     key_option()};
  command.positionals = {{"TRAIN", "its name"}, {"STEP", "as the runbook names it: readout"}};
  command.run = run_tick;
  return command;
}

}  // namespace signalbox::train::after
