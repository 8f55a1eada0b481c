#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/after/commands.hpp"
#include "instruments/train/after/office.hpp"
#include "instruments/train/after/review_report.hpp"

namespace signalbox::train::after {
namespace {

constexpr std::size_t kMaxNameBytes = 100;
constexpr std::size_t kMaxNoteBytes = 2'000;

Result<std::string> text_of(const cli::Arguments& arguments, const char* option, std::size_t max_bytes) {
  const auto given = arguments.get(option);
  if (!given)
    return fail(ErrorKind::bad_input, fmt::format("{} is missing", option), fmt::format("{} TEXT", option));
  return one_line(*given, option, max_bytes);
}

// Appends the event, and shows the actions of the train as they are then.
Result<cli::Outcome> record(Office& office, const cli::Arguments& arguments, cli::Context& context,
                            const std::function<Result<ActionEvent>(const Aftermath&)>& make) {
  const std::string id = *arguments.positional(0);
  const auto make_event = [&](const TrainEvents&, const Aftermath& train) -> Result<NewEvent> {
    SIGNALBOX_TRY(const ActionEvent action, make(train));
    NewEvent event;
    event.kind = "action";
    event.predicate = to_json(action);
    event.key = arguments.get("--key");
    return event;
  };
  SIGNALBOX_TRY(const evidence::Receipt receipt, append_to(office, id, make_event));
  SIGNALBOX_TRY(const TrainEvents events, events_of(office, id));
  Report report = actions_report({fold_aftermath(events)}, Shown::all, context.clock.now());
  report.facts.push_back({"recorded", fmt::format("log #{}", receipt.index), ""});
  report.data.set("recorded", receipt.index);
  return cli::Outcome(std::move(report));
}

// That the train has the action, and that it is open.
Status check_open(const Aftermath& train, const std::string& id) {
  const TrackedAction* const action = train.find(id);
  if (action == nullptr) {
    return fail(ErrorKind::not_found, fmt::format("train {} has no action {}", train.train, printable(id)),
                "signalbox train review show " + train.train);
  }
  if (action->is_open()) return {};
  return fail(ErrorKind::conflict,
              fmt::format("action {} of train {} is done since {}, by {}", id, train.train,
                          to_rfc3339(action->done->time), printable(action->done->by)),
              fmt::format("signalbox train action add {} …: what is still to be done", train.train));
}

Result<cli::Outcome> run_add(const cli::Arguments& arguments, cli::Context& context) {
  ActionEvent event;
  SIGNALBOX_TRY(event.item.title, one_line(*arguments.positional(1), "WHAT", kMaxActionTitleBytes));
  SIGNALBOX_TRY(event.item.owner, text_of(arguments, "--owner", kMaxNameBytes));
  SIGNALBOX_TRY(event.item.action_class, action_class_from(arguments.get_or("--class", "prevent")));
  const auto due = arguments.get("--due");
  if (!due) return fail(ErrorKind::bad_input, "--due is missing", "--due 2026-12-15, or --due +14d");
  SIGNALBOX_TRY(event.item.due, parse_due(*due, context.clock.now()));
  SIGNALBOX_TRY(Office office, open_office(context, Access::append));
  return record(office, arguments, context, [&](const Aftermath& train) -> Result<ActionEvent> {
    if (train.actions.size() >= kMaxActions)
      return fail(ErrorKind::conflict,
                  fmt::format("train {} has {} actions, and can have no more", train.train, kMaxActions),
                  "signalbox train action change: of one that is there");
    event.item.id = train.next_action_id();
    return event;
  });
}

Result<cli::Outcome> run_change(const cli::Arguments& arguments, cli::Context& context) {
  ActionEvent event;
  event.what = ActionEvent::What::change;
  event.item.id = *arguments.positional(1);
  SIGNALBOX_TRY(event.note, text_of(arguments, "--reason", kMaxNoteBytes));
  if (arguments.has("--owner")) {
    SIGNALBOX_TRY(event.new_owner, text_of(arguments, "--owner", kMaxNameBytes));
  }
  if (const auto due = arguments.get("--due")) {
    SIGNALBOX_TRY(event.due, parse_due(*due, context.clock.now()));
  }
  if (event.new_owner.empty() && !event.due)
    return fail(ErrorKind::bad_input, "nothing changes", "--due TIME, --owner NAME, or both");
  SIGNALBOX_TRY(Office office, open_office(context, Access::append));
  return record(office, arguments, context, [&](const Aftermath& train) -> Result<ActionEvent> {
    SIGNALBOX_CHECK(check_open(train, event.item.id));
    return event;
  });
}

Result<std::optional<std::uint64_t>> evidence_of(const cli::Arguments& arguments, Office& office) {
  const auto given = arguments.get("--evidence");
  if (!given) return std::optional<std::uint64_t>();
  const auto number = parse_integer(given->starts_with('#') ? std::string_view(*given).substr(1) : *given);
  const bool is_there = number && *number >= 0 && office.book &&
                        static_cast<std::uint64_t>(*number) < office.book->ledger().size();
  if (is_there) return std::optional(static_cast<std::uint64_t>(*number));
  return fail(ErrorKind::not_found,
              fmt::format("--evidence {}: the log has no such entry", printable(*given)),
              "signalbox evidence query");
}

Result<cli::Outcome> run_done(const cli::Arguments& arguments, cli::Context& context) {
  ActionEvent event;
  event.what = ActionEvent::What::done;
  event.item.id = *arguments.positional(1);
  SIGNALBOX_TRY(event.note, text_of(arguments, "--note", kMaxNoteBytes));
  SIGNALBOX_TRY(Office office, open_office(context, Access::append));
  SIGNALBOX_TRY(event.evidence, evidence_of(arguments, office));
  return record(office, arguments, context, [&](const Aftermath& train) -> Result<ActionEvent> {
    SIGNALBOX_CHECK(check_open(train, event.item.id));
    return event;
  });
}

Result<cli::Outcome> run_list(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(Office office, open_office(context, Access::read));
  std::vector<Aftermath> trains;
  if (const auto train = arguments.positional(0)) {
    SIGNALBOX_TRY(const TrainEvents events, events_of(office, *train));
    trains.push_back(fold_aftermath(events));
  } else if (office.book) {
    SIGNALBOX_TRY(trains, read_aftermaths(office.book->ledger(), office.policy.trust));
  }
  const Shown shown = arguments.has("--all")       ? Shown::all
                      : arguments.has("--overdue") ? Shown::overdue
                                                   : Shown::open;
  return cli::Outcome(actions_report(trains, shown, context.clock.now()));
}

cli::Option due_option() {
  return {.name = "--due", .value = "TIME", .help = "2026-12-15, a time as RFC 3339, or +14d from now"};
}
cli::Option owner_option() {
  return {.name = "--owner", .value = "NAME", .help = "who does it"};
}
cli::Positional train_positional() {
  return {"TRAIN", "its name"};
}
cli::Positional action_positional() {
  return {"ACTION", "a1, as review show has it"};
}

}  // namespace

cli::Command action_command() {
  cli::Command add{.name = "add", .summary = "Add an action to a train, with its owner and due date"};
  add.options = {owner_option(),
                 due_option(),
                 {.name = "--class",
                  .value = "CLASS",
                  .help = "seen sooner, less harm, or cannot come again (the default)",
                  .choices = {"detect", "mitigate", "prevent"}},
                 key_option()};
  add.positionals = {train_positional(), {"WHAT", "what is to be done"}};
  add.run = run_add;
  cli::Command change{.name = "change", .summary = "Change who does an action, or when it is due"};
  change.details = "The first due date stays in sight.";
  change.options = {
      owner_option(), due_option(), {.name = "--reason", .value = "TEXT", .help = "why"}, key_option()};
  change.positionals = {train_positional(), action_positional()};
  change.run = run_change;
  cli::Command done{.name = "done", .summary = "Say that an action is done"};
  done.options = {{.name = "--note", .value = "TEXT", .help = "what was done"},
                  {.name = "--evidence", .value = "#INDEX", .help = "entry of the log that shows it"},
                  key_option()};
  done.positionals = {train_positional(), action_positional()};
  done.run = run_done;
  cli::Command list{.name = "list", .summary = "List open actions of all trains, those due first at the top"};
  list.options = {{.name = "--overdue", .help = "only those that are overdue"},
                  {.name = "--all", .help = "those that are done too"}};
  list.positionals = {{"TRAIN", "of this train alone", cli::Positional::Count::optional}};
  list.run = run_list;
  cli::Command command{.name = "action", .summary = "Track what came of reviews"};
  command.commands = {std::move(add), std::move(change), std::move(done), std::move(list)};
  return command;
}

}  // namespace signalbox::train::after
