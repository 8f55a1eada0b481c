#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/boarding/command_desk.hpp"
#include "instruments/train/boarding/commands.hpp"
#include "instruments/train/boarding/event_writer.hpp"
#include "instruments/train/boarding/train_report.hpp"
#include "instruments/train/schedule/release_calendar.hpp"
#include "instruments/train/schedule/train_alarms.hpp"

namespace signalbox::train {
namespace {

// Appends the event and shows the train as it is then.
Result<cli::Outcome> change_schedule(OpenDesk& desk, const cli::Arguments& arguments, cli::Context& context,
                                     const Train& train, const ScheduleEvent& event) {
  SIGNALBOX_TRY(Signatory signatory, signatory_of(arguments, desk));
  EventWriter writer(*desk.book, desk.desk, train, std::move(signatory), context.clock.now());
  SIGNALBOX_TRY(const evidence::Receipt receipt, writer.append("schedule", to_json(event)));
  Report report = train_report(writer.train(), desk.desk.rules(), context.clock.now());
  report.facts.push_back(
      {"recorded", fmt::format("log #{}, signed by {}", receipt.index, writer.signer()), ""});
  report.data.set("recorded", receipt.index);
  if (writer.train().phase == Phase::open &&
      writer.train().is_locked_at(context.clock.now(), desk.desk.rules())) {
    report.findings.push_back({"train/locked-already", Severity::warning,
                               "its scope is locked already, by time: nobody boards without an exception",
                               std::nullopt,
                               "a later departure, or boarding: {lock_before: …} in the policy"});
  }
  return cli::Outcome(std::move(report));
}

// At the time that is given, or at the next departure of the cadence that is free. The cadence is the work
// tree's: it plans, it does not judge.
Result<ScheduleEvent> first_event(const Desk& desk, const cli::Arguments& arguments, cli::Context& context) {
  ScheduleEvent event;
  event.cadence = arguments.get_or("--cadence", "");
  const Time now = context.clock.now();
  if (const auto when = arguments.get("--depart")) {
    SIGNALBOX_TRY(event.departs, parse_departure(*when, now));
    return event;
  }
  SIGNALBOX_TRY(const config::Node train, section(context.workspace, "train"));
  SIGNALBOX_TRY(schedule::Cadence cadence, schedule::parse_cadence(train["cadence"]));
  if (!event.cadence.empty() && event.cadence != cadence.name) {
    SIGNALBOX_TRY(cadence, schedule::preset(event.cadence));
  }
  if (cadence.name.empty())
    return fail(ErrorKind::bad_input, "a train without a time, and no cadence is configured",
                "--depart 2026-12-01T10:00:00Z, or +21d; or train.cadence in signalbox.yaml");
  SIGNALBOX_TRY(const schedule::Slot slot, schedule::next_slot(cadence, desk.trains, now));
  event.departs = slot.departs;
  event.cadence = cadence.name;
  return event;
}

Result<cli::Outcome> run_new(const cli::Arguments& arguments, cli::Context& context) {
  const std::string id = *arguments.positional(0);
  SIGNALBOX_CHECK(check_train_id(id));
  SIGNALBOX_TRY(OpenDesk desk, desk_for_writing(arguments, context));
  SIGNALBOX_TRY(ScheduleEvent event, first_event(desk.desk, arguments, context));
  SIGNALBOX_TRY(const TrainEvents events, read_events(desk.book->ledger(), desk.desk.policy.trust, id));
  event.terms = desk.desk.rules().terms_of(event.kind);
  const Train known = fold_train(events, desk.desk.book);
  if (const std::string why = schedule_objection(known.schedule, event); !why.empty()) {
    return fail(ErrorKind::conflict, fmt::format("{}: {}", id, why),
                fmt::format("signalbox train show {0}; signalbox train move {0} TIME --reason TEXT", id));
  }
  return change_schedule(desk, arguments, context, known, event);
}

Result<cli::Outcome> run_list(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const OpenDesk desk, desk_for_reading(arguments, context));
  return cli::Outcome(trains_report(desk.desk.trains, desk.desk.rules(), context.clock.now()));
}

Result<cli::Outcome> run_show(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(OpenDesk desk, desk_for_reading(arguments, context));
  SIGNALBOX_TRY(const Train* const train, desk.desk.train(arguments.positional(0)));
  const Time now = context.clock.now();
  Report report = train_report(*train, desk.desk.rules(), now);
  SIGNALBOX_TRY(const config::Node own, section(context.workspace, "train"));
  SIGNALBOX_TRY(const schedule::Cadence cadence, schedule::parse_cadence(own["cadence"]));
  SIGNALBOX_TRY(const auto milestones,
                schedule::read_milestones(*desk.ledger(), desk.desk.policy.trust, *train, cadence, now));
  schedule::tell_of_milestones(milestones, report);
  return cli::Outcome(std::move(report));
}

// A move or a cancellation of a train that is there.
Result<cli::Outcome> run_change(const cli::Arguments& arguments, cli::Context& context,
                                ScheduleEvent::Action action) {
  const std::string id = *arguments.positional(0);
  const std::string reason(trim(arguments.get_or("--reason", "")));
  if (reason.empty()) {
    return fail(ErrorKind::bad_input, fmt::format("{} without a reason", name_of(action)),
                "--reason TEXT: whoever planned with the train reads it");
  }
  SIGNALBOX_TRY(OpenDesk desk, desk_for_writing(arguments, context));
  SIGNALBOX_TRY(const Train* const train, desk.desk.train(id));
  if (train->phase != Phase::open && train->phase != Phase::locked)
    return fail(ErrorKind::conflict, fmt::format("{} is {}", id, name_of(train->phase)),
                "signalbox train list");
  ScheduleEvent event;
  event.action = action;
  event.departs = train->schedule->departs;
  event.sequence = train->schedule->sequence + 1;
  event.kind = train->schedule->kind;
  event.base = train->schedule->base;
  event.cadence = train->schedule->cadence;
  event.reason = reason;
  if (action == ScheduleEvent::Action::move) {
    event.terms = desk.desk.rules().terms_of(event.kind);
    SIGNALBOX_TRY(event.departs, parse_departure(*arguments.positional(1), context.clock.now()));
    if (event.departs == train->schedule->departs)
      return fail(ErrorKind::bad_input, fmt::format("{} departs then already", id));
  }
  return change_schedule(desk, arguments, context, *train, event);
}

cli::Option reason_option() {
  return {.name = "--reason", .value = "TEXT", .help = "why; it is recorded"};
}

void add_options(cli::Command& command, std::vector<cli::Option> options) {
  for (cli::Option& option : options) command.options.push_back(std::move(option));
}

}  // namespace

cli::Command new_command() {
  cli::Command command;
  command.name = "new";
  command.summary = "Make a train that departs at a time";
  command.positionals = {{"NAME", "of a-z 0-9 . _ -: 2026-12, v1.4.0"}};
  command.options = {{.name = "--depart",
                      .value = "TIME",
                      .help = "2026-12-01T10:00:00Z, or +21d; by default the next of the cadence"},
                     {.name = "--cadence",
                      .value = "NAME",
                      .help = "what it is one of",
                      .choices = schedule::cadence_names()},
                     key_option()};
  add_options(command, desk_options());
  command.run = run_new;
  return command;
}

cli::Command list_command() {
  cli::Command command;
  command.name = "list";
  command.summary = "List the trains, the newest first";
  command.options = desk_options();
  command.run = run_list;
  return command;
}

cli::Command show_command() {
  cli::Command command;
  command.name = "show";
  command.summary = "Show a train: when it leaves, who is aboard, what each passenger lacks";
  command.positionals = {{"TRAIN", "by default the one that leaves next", cli::Positional::Count::optional}};
  command.options = desk_options();
  command.run = run_show;
  return command;
}

cli::Command move_command() {
  cli::Command command;
  command.name = "move";
  command.summary = "Move a departure to another time";
  command.details = "Each move raises the train's sequence number, by which calendars notice it.";
  command.positionals = {{"TRAIN", "its name"}, {"TIME", "2026-12-01T10:00:00Z, or +7d from now"}};
  command.options = {reason_option(), key_option()};
  add_options(command, desk_options());
  command.run = [](const cli::Arguments& arguments, cli::Context& context) {
    return run_change(arguments, context, ScheduleEvent::Action::move);
  };
  return command;
}

cli::Command cancel_command() {
  cli::Command command;
  command.name = "cancel";
  command.summary = "Cancel a train; it stays in the log and in calendars as cancelled";
  command.positionals = {{"TRAIN", "its name"}};
  command.options = {reason_option(), key_option()};
  add_options(command, desk_options());
  command.run = [](const cli::Arguments& arguments, cli::Context& context) {
    return run_change(arguments, context, ScheduleEvent::Action::cancel);
  };
  return command;
}

}  // namespace signalbox::train
