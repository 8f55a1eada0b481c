#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/after/commands.hpp"
#include "instruments/train/after/office.hpp"
#include "instruments/train/after/review_draft.hpp"
#include "instruments/train/after/review_report.hpp"
#include "instruments/train/boarding/desk.hpp"
#include "instruments/train/boarding/event_writer.hpp"

namespace signalbox::train::after {
namespace {

// A review is of a train that has left or was taken back, and there is one of each.
Status check_reviewable(const Aftermath& train) {
  if (train.review) {
    return fail(ErrorKind::conflict,
                fmt::format("train {} is reviewed: {} published it, log #{}", train.train,
                            printable(train.review->by), train.review->index),
                fmt::format("signalbox train action add {} …: what is still to be done", train.train));
  }
  if (ending_of(train.passages)) return {};
  return fail(ErrorKind::conflict,
              fmt::format("train {} has neither left nor been taken back: there is nothing to review yet",
                          train.train),
              "signalbox train status " + train.train);
}

cli::Outcome show(const Office& office, const TrainEvents& events, const cli::Context& context) {
  return cli::Outcome(
      review_report(fold_aftermath(events), timeline_of(events), office.policy.reviews, context.clock.now()));
}

Result<cli::Outcome> run_new(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(Office office, open_office(context, Access::read));
  SIGNALBOX_TRY(const TrainEvents events, events_of(office, *arguments.positional(0)));
  const Aftermath train = fold_aftermath(events);
  SIGNALBOX_CHECK(check_reviewable(train));
  return cli::Outcome(cli::Artifact{draft_of(train, timeline_of(events))});
}

Result<cli::Outcome> run_publish(const cli::Arguments& arguments, cli::Context& context) {
  const std::string train = *arguments.positional(0);
  const auto file = arguments.get("--file");
  if (!file) {
    return fail(ErrorKind::bad_input, "a review without its words",
                fmt::format("signalbox train review new {} -o review.yaml; then --file review.yaml", train));
  }
  SIGNALBOX_TRY(const config::Node words, config::read_yaml(*file));
  SIGNALBOX_TRY(Office office, open_office(context, Access::append));
  const auto make = [&](const TrainEvents& events, const Aftermath& now) -> Result<NewEvent> {
    SIGNALBOX_CHECK(check_reviewable(now));
    SIGNALBOX_TRY(const Review review, read_draft(words, now, context.clock.now()));
    NewEvent event;
    event.kind = "review";
    event.predicate = review_predicate(review, now.passages, timeline_of(events));
    event.also_about = commit_subjects({ending_of(now.passages)->commit}, context.workspace.name);
    event.key = arguments.get("--key");
    return event;
  };
  SIGNALBOX_CHECK(append_to(office, train, make));
  SIGNALBOX_TRY(const TrainEvents events, events_of(office, train));
  return show(office, events, context);
}

Result<cli::Outcome> run_show(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(Office office, open_office(context, Access::read));
  SIGNALBOX_TRY(const TrainEvents events, events_of(office, *arguments.positional(0)));
  return show(office, events, context);
}

Result<cli::Outcome> run_list(const cli::Arguments&, cli::Context& context) {
  SIGNALBOX_TRY(Office office, open_office(context, Access::read));
  std::vector<Aftermath> trains;
  if (office.book) {
    SIGNALBOX_TRY(trains, read_aftermaths(office.book->ledger(), office.policy.trust));
  }
  return cli::Outcome(reviews_report(trains, office.policy.reviews, context.clock.now()));
}

cli::Positional train_positional() {
  return {"TRAIN", "its name"};
}

}  // namespace

cli::Command review_command() {
  cli::Command draft{.name = "new", .summary = "Begin a review: a YAML file with what the log tells"};
  draft.positionals = {train_positional()};
  draft.formats = {"yaml"};
  draft.run = run_new;
  cli::Command publish{.name = "publish", .summary = "Publish a review: sign it into the log"};
  publish.details =
      "Every action has an owner and a due date; a review without actions says why (no_actions). The "
      "timeline "
      "is taken from the log, not from the file. There is one review of a train; actions may follow it.";
  publish.options = {{.name = "--file", .value = "FILE", .help = "as review new begins it"}, key_option()};
  publish.positionals = {train_positional()};
  publish.run = run_publish;
  cli::Command show{.name = "show", .summary = "Show a train's review, its actions and its timeline"};
  show.positionals = {train_positional()};
  show.run = run_show;
  cli::Command list{.name = "list", .summary = "List trains that were, or are to be, reviewed"};
  list.run = run_list;
  cli::Command command;
  command.name = "review";
  command.summary = "Review a train after it has left or was taken back";
  command.commands = {std::move(draft), std::move(publish), std::move(show), std::move(list)};
  return command;
}

}  // namespace signalbox::train::after
