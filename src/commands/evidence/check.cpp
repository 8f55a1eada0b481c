// `evidence check` and `evidence lint`: conditions over the log, and whether they can be believed.
#include <fmt/core.h>

#include "commands/evidence/check_report.hpp"
#include "commands/evidence/commands.hpp"
#include "commands/evidence/server_log.hpp"
#include "core/base/text.hpp"
#include "core/gates/condition_input.hpp"
#include "core/gates/gate.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using Count = cli::Positional::Count;

constexpr std::size_t kExamplesTried = 20;

// The gates of the files named, one a file; without a file those of section train in signalbox.yaml.
Result<std::vector<gates::Gate>> gates_from(const cli::Arguments& arguments, const cli::Context& context) {
  std::vector<config::Node> nodes;
  for (const std::string& file : arguments.positionals()) {
    SIGNALBOX_TRY(config::Node node, config::read_yaml(file));
    nodes.push_back(std::move(node));
  }
  if (nodes.empty()) {
    SIGNALBOX_TRY(const config::Node train, section(context.workspace, "train"));
    nodes = train["gates"].items();
  }
  const auto wanted = arguments.get("--gate");
  std::vector<gates::Gate> out;
  for (const config::Node& node : nodes) {
    SIGNALBOX_TRY(gates::Gate gate, gates::parse_gate(node));
    if (!wanted || gate.name == *wanted) out.push_back(std::move(gate));
  }
  if (!out.empty()) return out;
  if (wanted) return fail(ErrorKind::not_found, "there is no gate " + printable(*wanted));
  return fail(ErrorKind::bad_input, "no condition: signalbox.yaml has no train.gates",
              "name a file that holds one, as docs/conditions.md shows");
}

// The log of the workspace, or none where nothing was ever recorded.
Result<std::optional<ev::EvidenceBook>> book_of(const cli::Arguments& arguments,
                                                const cli::Context& context) {
  auto book = book_to_read(arguments, context);
  if (book) return std::optional<ev::EvidenceBook>(std::move(*book));
  if (book.error().kind != ErrorKind::not_found) return fail(book.error());
  return std::optional<ev::EvidenceBook>();
}

// The predicate that a gate looked at, member by member. Nothing of an entry that was erased or that the log
// does not hold: the gate is red and says so.
std::optional<Table> what_it_saw(const ev::Ledger& ledger, std::uint64_t index, const std::string& gate) {
  const auto entry = ledger.entry(index);
  const auto envelope = entry ? ev::parse_envelope(entry->envelope) : fail(entry.error());
  const auto statement = envelope ? ev::parse_statement(envelope->payload) : fail(envelope.error());
  if (!statement) return std::nullopt;
  Table table{fmt::format("{}: what entry {} says", gate, index), {{"path"}, {"value"}}, {}};
  for (const auto& [key, value] : statement->predicate.members())
    table.rows.push_back({".predicate." + printable(key), printable(value.dump())});
  return table;
}

Result<cli::Outcome> check(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const std::vector<gates::Gate> gates, gates_from(arguments, context));
  SIGNALBOX_TRY(std::optional<ev::EvidenceBook> book, book_of(arguments, context));
  SIGNALBOX_TRY(const ev::Trust trust, workspace_trust(context.workspace));
  gates::Situation situation{.trust = trust, .now = context.clock.now()};
  if (book) situation.ledger = &book->ledger();
  SIGNALBOX_TRY(situation.commit,
                subject_from_argument(context, arguments.get_or("--subject", "git:HEAD^{commit}")));
  if (const auto artifact = arguments.get("--artifact")) {
    SIGNALBOX_TRY(situation.artifact, subject_from_argument(context, *artifact));
  }
  gates::Evaluator evaluator;
  SIGNALBOX_TRY(Report report, check_report(gates, situation, evaluator,
                                            arguments.has("--explain") ? Explain::what_it_saw : Explain::no));
  return cli::Outcome(std::move(report));
}

// What a condition would see of a logged statement.
Result<Json> example_of(const ev::Ledger& ledger, const ev::Entry& entry, Time now) {
  SIGNALBOX_TRY(const ev::Envelope envelope, ev::parse_envelope(entry.envelope));
  SIGNALBOX_TRY(const ev::Statement statement, ev::parse_statement(envelope.payload));
  return gates::condition_input(statement, {}, gates::Vouched{entry.index, entry.time, ledger.size(), 0},
                                now);
}

// The newest logged statement of the gate's type for which the condition says yes.
Result<std::optional<Json>> good_example(const gates::Gate& gate, const ev::Ledger& ledger, Time now,
                                         gates::Evaluator& evaluator) {
  ev::Query query;
  query.type = gate.type;
  query.limit = kExamplesTried;
  SIGNALBOX_TRY(const std::vector<ev::Entry> entries, ledger.query(query));
  for (const ev::Entry& entry : entries) {
    auto example = example_of(ledger, entry, now);
    if (!example) continue;
    SIGNALBOX_TRY(const gates::Answer answer, evaluator.evaluate(gate.require, *example));
    if (answer.kind == gates::Answer::Kind::yes) return std::optional<Json>(std::move(*example));
  }
  return std::optional<Json>();
}

Result<Check> lint_gate(const gates::Gate& gate, const ev::Ledger* ledger, Time now,
                        gates::Evaluator& evaluator) {
  Check check{
      .name = gate.name, .verdict = Verdict::pass, .asked = "says no where it has no reason to say yes"};
  if (gate.require.empty()) {
    check.verdict = Verdict::none;
    check.answer = "has no condition: being there is enough";
    return check;
  }
  std::optional<Json> example;
  if (ledger != nullptr) {
    SIGNALBOX_TRY(example, good_example(gate, *ledger, now, evaluator));
  }
  SIGNALBOX_TRY(const gates::Lint found,
                gates::lint(evaluator, gate.require, example ? &*example : nullptr, gate.allow_empty));
  check.answer =
      example ? fmt::format("tried on entry {} and what is left of it", (*example)["index"].as_integer())
              : "tried on nothing: no evidence for which it says yes is in the log";
  if (!found.warnings.empty()) {
    check.verdict = Verdict::warn;
    check.answer = join(found.warnings, "; ");
  }
  if (!found.refusals.empty()) {
    check.verdict = Verdict::fail;
    check.reason = "vacuous";
    check.answer = join(found.refusals, "; ");
    check.remedy = "ask with need, eq, le … of docs/conditions.md, which fail where a member is missing";
  }
  return check;
}

Result<cli::Outcome> lint(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(const std::vector<gates::Gate> gates, gates_from(arguments, context));
  SIGNALBOX_TRY(std::optional<ev::EvidenceBook> book, book_of(arguments, context));
  Report report;
  report.instrument = "evidence";
  report.title = "Lint of conditions";
  report.verdict = Verdict::pass;
  gates::Evaluator evaluator;
  for (const gates::Gate& gate : gates) {
    SIGNALBOX_TRY(Check one,
                  lint_gate(gate, book ? &book->ledger() : nullptr, context.clock.now(), evaluator));
    if (one.verdict == Verdict::fail) report.verdict = Verdict::fail;
    if (one.verdict == Verdict::warn && report.verdict == Verdict::pass) report.verdict = Verdict::warn;
    report.checks.push_back(std::move(one));
  }
  report.summary = report.verdict == Verdict::fail ? "a condition says yes where it has no reason to"
                                                   : "no condition is known to fail open";
  return cli::Outcome(std::move(report));
}

}  // namespace

Result<Report> check_report(const std::vector<gates::Gate>& gates, const gates::Situation& situation,
                            gates::Evaluator& evaluator, Explain explain) {
  Report report;
  report.instrument = "evidence";
  report.title = "Conditions about " + subject_text(situation.commit);
  std::size_t red = 0;
  for (const gates::Gate& gate : gates) {
    SIGNALBOX_TRY(gates::GateResult result, gates::judge(gate, situation, evaluator));
    if (explain == Explain::what_it_saw && !result.inputs.empty() && situation.ledger != nullptr) {
      if (auto table = what_it_saw(*situation.ledger, result.inputs.front().index, gate.name))
        report.tables.push_back(std::move(*table));
    }
    red += result.check.verdict == Verdict::fail ? 1 : 0;
    report.checks.push_back(std::move(result.check));
  }
  report.verdict = red == 0 ? Verdict::pass : Verdict::fail;
  report.summary = red == 0 ? "every condition holds"
                            : fmt::format("{} of {} conditions do not hold", red, report.checks.size());
  if (situation.trust.self_trusted)
    report.summary += " (self-trusted: no trust file, only this machine's own keys count)";
  return report;
}

cli::Command check_command() {
  cli::Command command = {
      .name = "check",
      .summary = "Ask conditions of the log: 0 all hold, 1 one does not",
      .details =
          "A condition is a gate: which evidence is asked for, and what must be true of it. Without a file "
          "those of train.gates in signalbox.yaml are asked, as this work tree has them; what departs is "
          "decided by 'signalbox train check', which reads them from the last release.",
      .options = {{.name = "--gate", .value = "NAME", .help = "this one alone"},
                  {.name = "--subject", .value = "SUBJECT", .help = "what @commit is; by default HEAD"},
                  {.name = "--artifact", .value = "SUBJECT", .help = "what @artifact is"},
                  {.name = "--explain", .help = "and show what each condition saw"}},
      .positionals = {{"CONDITION", "YAML files of one condition each", Count::any}},
      .run = reading<check>};
  for (cli::Option& option : server_options()) command.options.push_back(std::move(option));
  return command;
}

cli::Command lint_command() {
  cli::Command command = {
      .name = "lint",
      .summary = "Find conditions that say yes where they have no reason to",
      .details =
          "Each condition is tried on nothing, and on recorded evidence with each of its members taken away "
          "or replaced: one that still says yes does not look at it.",
      .options = {{.name = "--gate", .value = "NAME", .help = "this one alone"}},
      .positionals = {{"CONDITION", "YAML files of one condition each", Count::any}},
      .run = reading<lint>};
  for (cli::Option& option : server_options()) command.options.push_back(std::move(option));
  return command;
}

}  // namespace signalbox::evidence_command
