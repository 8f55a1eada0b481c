#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/boarding/command_desk.hpp"
#include "instruments/train/boarding/commands.hpp"
#include "instruments/train/boarding/event_writer.hpp"
#include "instruments/train/boarding/train_report.hpp"

namespace signalbox::train {
namespace {

// The tag that is repaired: the one named, else the last release.
Result<std::string> repaired_tag(const cli::Arguments& arguments, cli::Context& context, const Desk& desk) {
  SIGNALBOX_TRY(const std::vector<git::Tag> tags, desk.repository.tags());
  if (const auto given = arguments.get("--from")) {
    for (const git::Tag& tag : tags) {
      if (tag.name == *given && !tag.commit.empty() && parse_release_tag(tag.name, tag.commit)) return *given;
    }
    return fail(ErrorKind::not_found, fmt::format("{} is no release tag", printable(*given)),
                "a hotfix repairs what has left: --from v1.2.0");
  }
  PlanQuery query;
  query.head = desk.head;
  query.package = desk.query.package;
  query.settings = desk.policy.settings;
  query.shallow = desk.query.shallow;
  SIGNALBOX_TRY(const Plan plan, read_plan(context.workspace, query));
  if (plan.history.base) return plan.history.base->tag;
  return fail(ErrorKind::not_found, "there is no release to repair", "--from TAG names one");
}

Result<cli::Outcome> run_hotfix(const cli::Arguments& arguments, cli::Context& context) {
  const std::string id = *arguments.positional(0);
  SIGNALBOX_CHECK(check_train_id(id));
  ScheduleEvent event;
  event.kind = TrainKind::hotfix;
  SIGNALBOX_TRY(event.departs, parse_departure(arguments.get_or("--depart", "+4h"), context.clock.now()));
  SIGNALBOX_TRY(OpenDesk opened, desk_for_writing(arguments, context));
  SIGNALBOX_TRY(event.base, repaired_tag(arguments, context, opened.desk));
  const BoardingRules& rules = opened.desk.rules();
  event.terms = rules.terms_of(event.kind);
  SIGNALBOX_TRY(const TrainEvents events, read_events(opened.book->ledger(), opened.desk.policy.trust, id));
  const Train known = fold_train(events, opened.desk.book);
  if (const std::string why = schedule_objection(known.schedule, event); !why.empty())
    return fail(ErrorKind::conflict, fmt::format("{}: {}", id, why),
                fmt::format("signalbox train show {}", id));
  SIGNALBOX_TRY(Signatory signatory, signatory_of(arguments, opened));
  EventWriter writer(*opened.book, opened.desk, known, std::move(signatory), context.clock.now());
  SIGNALBOX_TRY(const evidence::Receipt receipt, writer.append("schedule", to_json(event)));
  Report report = train_report(writer.train(), rules, context.clock.now());
  report.title = fmt::format("Hotfix {} of {}", id, event.base);
  std::vector<std::string> asked;
  for (const CheckItem item : rules.asked_of_hotfix) asked.emplace_back(name_of(item));
  report.facts.push_back({"asks", join(asked, ", "), ""});
  report.facts.push_back(
      {"recorded", fmt::format("log #{}, signed by {}", receipt.index, writer.signer()), ""});
  report.next = {
      fmt::format("git switch -c hotfix/{} {}", id, shell_word(event.base)),
      fmt::format("signalbox train board HEAD --train {} --owner NAME --risk RISK --rollback FILE", id)};
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command hotfix_command() {
  cli::Command command;
  command.name = "hotfix";
  command.summary = "Make a short train that repairs a release that has left";
  command.details =
      "It carries what a branch has on top of the tag, asks the checklist of `checklist: {hotfix: …}`, and "
      "locks hotfix_lock_before its departure. What it carried has to come back: the next regular train "
      "cannot be locked without it.";
  command.positionals = {{"NAME", "of the train: 2026-12-hotfix-1"}};
  command.options = {
      {.name = "--from", .value = "TAG", .help = "the release to repair; by default the last one"},
      {.name = "--depart", .value = "TIME", .help = "by default in four hours"},
      key_option()};
  for (cli::Option& option : desk_options()) command.options.push_back(std::move(option));
  command.run = run_hotfix;
  return command;
}

}  // namespace signalbox::train
