#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "instruments/train/boarding/boarder.hpp"
#include "instruments/train/boarding/command_desk.hpp"
#include "instruments/train/boarding/commands.hpp"
#include "instruments/train/boarding/train_report.hpp"

namespace signalbox::train {
namespace {

Result<PassengerRequest> request_of(const cli::Arguments& arguments) {
  PassengerRequest out;
  out.change = *arguments.positional(0);
  out.train = arguments.get("--train");
  out.owner = trim(arguments.get_or("--owner", ""));
  if (const auto risk = arguments.get("--risk")) out.risk = risk_from(*risk);
  out.rollback_plan = arguments.get_or("--rollback", "");
  out.flags = arguments.all("--flag");
  out.epic = trim(arguments.get_or("--epic", ""));
  out.note = trim(arguments.get_or("--note", ""));
  out.risk_note = trim(arguments.get_or("--risk-note", ""));
  if (const auto step = arguments.get("--migration")) {
    SIGNALBOX_TRY(out.migration, parse_migration_step(*step));
  }
  for (const std::string& text : arguments.all("--check")) {
    SIGNALBOX_TRY(auto check, parse_check(text));
    out.checks[check.first] = std::move(check.second);
  }
  return out;
}

Result<BoardingOptions> options_of(const cli::Arguments& arguments) {
  BoardingOptions out;
  if (arguments.has("--wait")) out.wait = BoardingOptions::Wait::queue;
  if (arguments.has("--dry-run")) out.record = BoardingOptions::Record::no;
  SIGNALBOX_TRY(out.exception, exception_of(arguments));
  return out;
}

std::string summary_of(const BoardingOutcome& outcome) {
  if (!outcome.refusals.empty()) {
    std::vector<std::string> codes;
    for (const Refusal& refusal : outcome.refusals) codes.push_back(refusal.code);
    return "not boarded: " + join(codes, ", ");
  }
  if (!outcome.state) return "it may board";
  if (outcome.waits_for) return fmt::format("{}, and waits for a place", name_of(*outcome.state));
  const std::size_t open = outcome.record.checklist.open().size();
  if (open > 0)
    return fmt::format("{}: {} of {} questions are unanswered", name_of(*outcome.state), open, kCheckItems);
  return std::string(name_of(*outcome.state)) + (outcome.recorded.empty() ? ", as before" : "");
}

Table checklist_table(const PassengerRecord& record) {
  Table table;
  table.title = "Checklist";
  table.columns = {{"item"}, {"state"}, {"answer"}};
  for (const CheckItem item : check_items()) {
    const CheckAnswer& answer = record.checklist[item];
    const Tone tone = answer.state == CheckState::proved ? Tone::good
                      : answer.state == CheckState::open ? Tone::caution
                                                         : Tone::plain;
    std::string text = printable(answer.state == CheckState::open ? question_of(item) : answer.text);
    if (answer.evidence) text += fmt::format(" [log #{}]", *answer.evidence);
    if (!answer.by.empty()) text += fmt::format(" ({})", printable(answer.by));
    table.rows.push_back({std::string(name_of(item)), {std::string(name_of(answer.state)), tone}, text});
  }
  return table;
}

Json outcome_json(const BoardingOutcome& outcome) {
  Json refusals = Json::array();
  for (const Refusal& refusal : outcome.refusals) {
    refusals.push_back(
        Json::object({{"code", refusal.code}, {"message", refusal.message}, {"remedy", refusal.remedy}}));
  }
  Json recorded = Json::array();
  for (const std::uint64_t index : outcome.recorded) recorded.push_back(index);
  Json out = Json::object({{"change", outcome.change},
                           {"train", outcome.train},
                           {"passenger", outcome.record.id},
                           {"state", outcome.state ? Json(name_of(*outcome.state)) : Json()},
                           {"refusals", std::move(refusals)},
                           {"recorded", std::move(recorded)}});
  if (!outcome.record.id.empty()) out.set("record", to_json(outcome.record));
  return out;
}

Report outcome_report(const BoardingOutcome& outcome, const Desk& desk) {
  Report report;
  report.instrument = "train";
  const std::string who = outcome.record.id.empty() ? printable(outcome.change) : outcome.record.id;
  report.title = fmt::format("Boarding of {} on {}", who, outcome.train);
  report.summary = summary_of(outcome);
  report.verdict = outcome.refusals.empty() ? Verdict::pass : Verdict::fail;
  report.findings = findings_of(outcome.refusals);
  report.data = outcome_json(outcome);
  if (outcome.record.id.empty()) return report;
  const Estimate& estimate = outcome.record.estimate;
  report.facts = {
      {"what", printable(outcome.record.title), ""},
      {"owner", outcome.record.owner.empty() ? std::string("nobody") : printable(outcome.record.owner), ""},
      {"risk",
       fmt::format("{}; the diff looks {}: {}", name_of(outcome.record.risk), name_of(estimate.risk),
                   estimate.reasons.empty() ? "nothing in it is risky" : join(estimate.reasons, ", ")),
       ""}};
  report.tables.push_back(checklist_table(outcome.record));
  if (outcome.waits_for) {
    report.findings.push_back(
        {"train/" + outcome.waits_for->code, Severity::note, outcome.waits_for->message, std::nullopt, ""});
  }
  const auto train = desk.train(outcome.train);
  const Seat* const seat = train ? (*train)->find(outcome.record.id) : nullptr;
  if (seat != nullptr && outcome.refusals.empty()) {
    const NextStep step = next_step(**train, *seat, desk.rules());
    if (!step.command.empty()) report.next.push_back(step.command);
  }
  return report;
}

Report outcomes_report(const std::vector<PassengerRequest>& requests,
                       const std::vector<BoardingOutcome>& outcomes) {
  Report report;
  report.instrument = "train";
  report.title = "Boarding from signalbox/train/passengers/";
  Table table;
  table.columns = {{"file"}, {"passenger"}, {"train"}, {"result"}};
  Json list = Json::array();
  std::size_t refused = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const BoardingOutcome& outcome = outcomes[i];
    const bool bad = !outcome.refusals.empty();
    refused += bad ? 1 : 0;
    table.rows.push_back({requests[i].source,
                          outcome.record.id,
                          outcome.train,
                          {summary_of(outcome), bad ? Tone::bad : Tone::good}});
    for (Finding& finding : findings_of(outcome.refusals)) {
      finding.location = Location{requests[i].source, 0, 0};
      report.findings.push_back(std::move(finding));
    }
    list.push_back(outcome_json(outcome));
  }
  report.verdict = refused > 0 ? Verdict::fail : Verdict::pass;
  report.summary = fmt::format("{} of {} boarded", outcomes.size() - refused, outcomes.size());
  report.tables.push_back(std::move(table));
  report.data = Json::object({{"passengers", std::move(list)}});
  return report;
}

Result<cli::Outcome> board_files(Boarder& boarder, cli::Context& context) {
  SIGNALBOX_TRY(const std::vector<PassengerRequest> requests, read_passenger_files(context.workspace));
  if (requests.empty()) {
    return fail(ErrorKind::not_found, "signalbox/train/passengers/ holds no *.yaml",
                "name a commit or a pull request: signalbox train board COMMIT --owner NAME …");
  }
  std::vector<BoardingOutcome> outcomes;
  for (const PassengerRequest& request : requests) {
    context.progress.update(outcomes.size(), requests.size(), "passengers");
    auto outcome = boarder.board(request);
    if (!outcome) return fail_in(request.source, std::move(outcome).error());
    outcomes.push_back(std::move(*outcome));
  }
  return cli::Outcome(outcomes_report(requests, outcomes));
}

Result<cli::Outcome> run_board(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(BoardingOptions options, options_of(arguments));
  const bool from_files = !arguments.positional(0);
  if (from_files) options.settled = BoardingOptions::Settled::leave;
  SIGNALBOX_TRY(OpenDesk desk, desk_for_writing(arguments, context));
  if (options.record == BoardingOptions::Record::yes) {
    SIGNALBOX_TRY(options.signatory, signatory_of(arguments, desk));
  }
  Boarder boarder(context.workspace, desk.desk, &*desk.book, context.clock.now(), std::move(options));
  if (from_files) return board_files(boarder, context);
  SIGNALBOX_TRY(const PassengerRequest request, request_of(arguments));
  SIGNALBOX_TRY(const BoardingOutcome outcome, boarder.board(request));
  if (outcome.record.id.empty() && !outcome.refusals.empty()) {
    const Refusal& refusal = outcome.refusals.front();
    return fail(ErrorKind::not_found, fmt::format("{}: {}", refusal.code, refusal.message), refusal.remedy);
  }
  return cli::Outcome(outcome_report(outcome, desk.desk));
}

}  // namespace

cli::Command board_command() {
  cli::Command command;
  command.name = "board";
  command.summary = "Bring a change aboard a train, or be told what is missing";
  command.details =
      "A passenger has an owner, a risk and a plan to take it back. Its checklist has twelve items, each "
      "proved by evidence (--check tests=#12), attested by a person (--check observability=\"a sentence\") "
      "or "
      "n/a for a reason (--check migration-plan=\"n/a: REASON\"). What the log, the diff, the notes and the "
      "flags say by themselves is filled in.\n\n"
      "Called again it changes what is aboard, until it is approved. Without a change the files of "
      "signalbox/train/passengers/ are boarded.\n\n"
      "Exit code 1: refused; each reason has a code and what to do.";
  command.positionals = {{"CHANGE", "a commit, or #123 of a pull request", cli::Positional::Count::optional}};
  command.options = {
      train_option(),
      {.name = "--owner", .value = "NAME", .help = "who answers for it"},
      {.name = "--risk",
       .value = "RISK",
       .help = "as its owner sees it",
       .choices = {"low", "med", "medium", "high"}},
      {.name = "--rollback", .value = "FILE", .help = "the plan that takes it back: steps or commands"},
      {.name = "--check", .value = "ITEM=ANSWER", .help = "an answer of the checklist", .repeated = true},
      {.name = "--flag", .value = "NAME", .help = "a feature flag that hides it", .repeated = true},
      {.name = "--epic", .value = "NAME", .help = "what it is an increment of"},
      {.name = "--migration",
       .value = "STEP:NAME",
       .help = "expand, migrate or contract of a change to data"},
      {.name = "--risk-note", .value = "TEXT", .help = "a short note on the risk, for everybody"},
      {.name = "--note", .value = "TEXT", .help = "why the risk is less than the diff looks; not published"},
      {.name = "--wait", .help = "queue for a place where none is free"},
      exception_option(),
      {.name = "--dry-run", .help = "judge, and record nothing"},
      key_option()};
  for (cli::Option& option : desk_options()) command.options.push_back(std::move(option));
  command.run = run_board;
  return command;
}

}  // namespace signalbox::train
