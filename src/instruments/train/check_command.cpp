#include <fmt/core.h>

#include "core/evidence/recorder.hpp"
#include "instruments/train/commands.hpp"
#include "instruments/train/gating/decision_record.hpp"
#include "instruments/train/gating/explain_report.hpp"
#include "instruments/train/gating/github_checks.hpp"
#include "instruments/train/gating/hearing.hpp"
#include "instruments/train/schedule/train_alarms.hpp"

namespace signalbox::train {
namespace {

// What is overdue of the train it would leave with: told, and no reason against leaving.
Status add_alarms(const DepartureQuery& query, const evidence::Ledger& ledger, const Decision& decision,
                  Report& report) {
  if (!query.train) return {};
  const Policy& policy = decision.policy;
  SIGNALBOX_TRY(const Rulebook book, read_rulebook(&ledger, policy, decision.time));
  SIGNALBOX_TRY(const Train train, read_train(ledger, policy.trust, book, *query.train));
  SIGNALBOX_TRY(const auto milestones,
                schedule::read_milestones(ledger, policy.trust, train, policy.cadence, decision.time));
  for (Finding& finding : schedule::alarms_of(milestones)) report.findings.push_back(std::move(finding));
  return {};
}

// The decision, explained where that is asked for.
Result<Report> report_of(const cli::Arguments& arguments, const Decision& decision) {
  Report report = decision_report(decision);
  if (!arguments.has("--explain")) return report;
  SIGNALBOX_TRY(const auto departure, departure_time(arguments, decision));
  add_explanation(report, decision, find_way(decision),
                  freshness_race(decision, departure.value_or(decision.time)));
  return report;
}

Result<cli::Outcome> run_unrecorded(const cli::Arguments& arguments, const DepartureQuery& query,
                                    cli::Context& context) {
  auto book = evidence::EvidenceBook::open_existing(context.workspace, context.clock, context.store);
  if (!book && book.error().kind != ErrorKind::not_found) return fail(book.error());
  gates::Evaluator evaluator;
  SIGNALBOX_TRY(const Decision decision, judge_departure(context.workspace, book ? &book->ledger() : nullptr,
                                                         query, context.clock.now(), evaluator));
  SIGNALBOX_TRY(Report report, report_of(arguments, decision));
  return told(decision, std::move(report));
}

Result<cli::Outcome> run_check(const cli::Arguments& arguments, cli::Context& context) {
  DepartureQuery query = departure_query(arguments, arguments.positional(0));
  query.on_commit_read = shown_as_progress(context);
  GithubChecks github(GithubChecks::options_of_environment());
  query.ci_server = &github;
  if (arguments.has("--dry-run")) return run_unrecorded(arguments, query, context);
  SIGNALBOX_CHECK(open_repository(context.workspace));
  SIGNALBOX_TRY(evidence::EvidenceBook book,
                evidence::EvidenceBook::open(context.workspace, context.clock, context.store));
  gates::Evaluator evaluator;
  SIGNALBOX_TRY(const Decision decision,
                judge_departure(context.workspace, &book.ledger(), query, context.clock.now(), evaluator));
  SIGNALBOX_TRY(const RecordedDecision recorded, record_decision(book, context.workspace, decision));
  if (book.created_key())
    context.say(
        fmt::format("made this machine's key {}: until trust names keys, its evidence is self-trusted",
                    book.own_key().name));
  SIGNALBOX_TRY(Report report, report_of(arguments, decision));
  SIGNALBOX_CHECK(add_alarms(query, book.ledger(), decision, report));
  report.facts.push_back({"recorded",
                          fmt::format("log #{}, signed by {} ({})", recorded.receipt.index,
                                      book.own_key().name, book.own_key().id()),
                          ""});
  report.data.set("recorded", recorded.receipt.index);
  tell_summaries(recorded, context, report);
  return told(decision, std::move(report));
}

}  // namespace

cli::Command check_command() {
  cli::Command command;
  command.name = "check";
  command.summary = "Decide GO or NO-GO for HEAD, and record the decision";
  command.details =
      "Each gate is a row: what was asked, which evidence in the log answered, how old it is, and the "
      "command "
      "that turns a red one green. The last line of a NO-GO is the one command to run next.\n\n"
      "Gates, rubric, freezes and trust are read from the last release, or from what --policy-ref names, "
      "never "
      "from the commit under judgement. Without any the built-in policy judges: tests evidence, a changelog "
      "entry, no freeze, a readiness score of 80.\n\n"
      "Where the policy's `summaries` asks for it, the decision is left in the words of other tools too, as "
      "`evidence summarize` says it.\n\n"
      "Exit code 0 is GO, 1 NO-GO, 2 wrong input, 3 something needed is not there.";
  command.options = candidate_options();
  command.options.push_back({.name = "--dry-run", .help = "decide without recording the decision"});
  command.options.push_back(
      {.name = "--explain", .help = "the shortest way to GO, points, what will not last, owners"});
  command.options.push_back(depart_option());
  command.positionals = {train_positional()};
  command.run = run_check;
  return command;
}

}  // namespace signalbox::train
