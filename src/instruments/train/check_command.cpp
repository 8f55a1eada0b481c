#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/evidence/recorder.hpp"
#include "core/recording/recording.hpp"
#include "instruments/train/commands.hpp"
#include "instruments/train/gating/decision_record.hpp"
#include "instruments/train/gating/explain_report.hpp"
#include "instruments/train/gating/github_checks.hpp"
#include "instruments/train/gating/hearing.hpp"
#include "instruments/train/schedule/train_alarms.hpp"
#include "instruments/train/served_book.hpp"

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

// One row of the decision, by which nothing departs: red is 1.
Result<cli::Outcome> one_gate(const std::string& name, Decision decision) {
  std::vector<std::string> names;
  std::vector<Check> rows;
  for (Check& check : decision.checks) {
    names.push_back(check.name);
    if (check.name == name) rows.push_back(std::move(check));
  }
  if (rows.empty())
    return fail(ErrorKind::not_found, fmt::format("there is no gate {}", printable(name)),
                "there are " + join(names, ", "));
  decision.checks = rows;
  Report report;
  report.instrument = "train";
  report.title = fmt::format("Gate {} of {} {} at {}", printable(name), decision.plan.name,
                             decision.plan.next.tag, decision.candidate.commit.substr(0, 7));
  report.verdict = Verdict::pass;
  for (const Check& row : rows) {
    if (row.verdict == Verdict::fail || report.verdict == Verdict::pass) report.verdict = row.verdict;
    if (row.verdict == Verdict::fail && !row.remedy.empty()) report.next = {row.remedy};
  }
  report.summary = "this gate alone; nothing was recorded, and nothing departs by it";
  report.checks = std::move(rows);
  return told(decision, std::move(report));
}

Result<cli::Outcome> unrecorded(const cli::Arguments& arguments, Decision decision) {
  if (const auto gate = arguments.get("--gate")) return one_gate(*gate, std::move(decision));
  SIGNALBOX_TRY(Report report, report_of(arguments, decision));
  return told(decision, std::move(report));
}

Result<cli::Outcome> run_unrecorded(const cli::Arguments& arguments, const DepartureQuery& query,
                                    cli::Context& context) {
  auto book = evidence::EvidenceBook::open_existing(context.workspace, context.clock, context.store);
  if (!book && book.error().kind != ErrorKind::not_found) return fail(book.error());
  gates::Evaluator evaluator;
  SIGNALBOX_TRY(Decision decision, judge_departure(context.workspace, book ? &book->ledger() : nullptr, query,
                                                   context.clock.now(), evaluator));
  return unrecorded(arguments, std::move(decision));
}

// The decision as the log has it now, with what became of its summaries.
Result<cli::Outcome> tell_recorded(const cli::Arguments& arguments, const DepartureQuery& query,
                                   const evidence::Ledger& ledger, const evidence::EvidenceBook& book,
                                   const Decision& decision, const RecordedDecision& recorded,
                                   cli::Context& context) {
  recording::tell_of_new_key(book, context);
  SIGNALBOX_TRY(Report report, report_of(arguments, decision));
  SIGNALBOX_CHECK(add_alarms(query, ledger, decision, report));
  report.facts.push_back({"recorded",
                          fmt::format("log #{}, signed by {} ({})", recorded.receipt.index,
                                      book.own_key().name, book.own_key().id()),
                          ""});
  report.data.set("recorded", recorded.receipt.index);
  tell_summaries(recorded, context, report);
  return told(decision, std::move(report));
}

// What a server was caught at is NO-GO, whatever the gates would say.
Result<cli::Outcome> not_believed(Error error) {
  if (error.kind != ErrorKind::conflict) return fail(std::move(error));
  Report report;
  report.instrument = "train";
  report.title = "Departure";
  report.verdict = Verdict::fail;
  report.summary = "NO-GO: the server of the log is not believed";
  report.findings.push_back({"train/server", Severity::error, error.message, {}, error.hint});
  return cli::Outcome(std::move(report));
}

// On the log of a server: judged by a proven copy, and recorded there.
Result<cli::Outcome> run_served(const cli::Arguments& arguments, const DepartureQuery& query,
                                cli::Context& context) {
  SIGNALBOX_CHECK(open_repository(context.workspace));
  auto served = ServedBook::open(arguments, context);
  if (!served) return not_believed(std::move(served).error());
  gates::Evaluator evaluator;
  const Time now = context.clock.now();
  SIGNALBOX_TRY(Decision decision,
                judge_departure(context.workspace, &served->ledger(), query, now, evaluator));
  SIGNALBOX_CHECK(served->check_believed(decision.policy.trust, now));
  if (arguments.has("--dry-run") || arguments.has("--gate"))
    return unrecorded(arguments, std::move(decision));
  SIGNALBOX_TRY(const RecordedDecision recorded,
                record_decision(served->recording(), context.workspace, decision));
  return tell_recorded(arguments, query, served->ledger(), served->book(), decision, recorded, context);
}

Result<cli::Outcome> run_check(const cli::Arguments& arguments, cli::Context& context) {
  DepartureQuery query = departure_query(arguments, arguments.positional(0));
  query.on_commit_read = shown_as_progress(context);
  GithubChecks github(GithubChecks::options_of_environment());
  query.ci_server = &github;
  if (remote::is_server(context.store)) return run_served(arguments, query, context);
  if (arguments.has("--dry-run") || arguments.has("--gate")) return run_unrecorded(arguments, query, context);
  SIGNALBOX_CHECK(open_repository(context.workspace));
  SIGNALBOX_TRY(evidence::EvidenceBook book,
                evidence::EvidenceBook::open(context.workspace, context.clock, context.store));
  gates::Evaluator evaluator;
  SIGNALBOX_TRY(const Decision decision,
                judge_departure(context.workspace, &book.ledger(), query, context.clock.now(), evaluator));
  SIGNALBOX_TRY(const RecordedDecision recorded,
                record_decision(recording_in(book), context.workspace, decision));
  return tell_recorded(arguments, query, book.ledger(), book, decision, recorded, context);
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
      "With --store https://HOST it judges by a copy of the server's log, which is proven by the log's key, "
      "and "
      "records the decision there.\n\n"
      "Exit code 0 is GO, 1 NO-GO, 2 wrong input, 3 something needed is not there.";
  command.options = candidate_options();
  command.options.push_back({.name = "--dry-run", .help = "decide without recording the decision"});
  command.options.push_back(
      {.name = "--explain", .help = "the shortest way to GO, points, what will not last, owners"});
  command.options.push_back(
      {.name = "--gate", .value = "NAME", .help = "this one alone, without recording a decision"});
  command.options.push_back(depart_option());
  for (cli::Option& option : served_log_options()) command.options.push_back(std::move(option));
  command.positionals = {train_positional()};
  command.run = run_check;
  return command;
}

}  // namespace signalbox::train
