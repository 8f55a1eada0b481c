// `evidence replay`: what other gates would have said of the decisions in the log, on the evidence of that
// time.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/server_log.hpp"
#include "core/base/text.hpp"
#include "core/evidence/all_entries.hpp"
#include "core/gates/decision_summary.hpp"
#include "core/gates/expression.hpp"
#include "core/gates/gate.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

// The gates and the trust that are tried.
struct NewPolicy {
  std::vector<gates::Gate> gates;
  ev::Trust trust;
};

// A signalbox.yaml, a section `train`, or a map with `gates` alone.
Result<NewPolicy> read_policy(const std::string& file, const cli::Context& context) {
  SIGNALBOX_TRY(const config::Node document, config::read_yaml(file));
  const config::Node train = document["train"].exists() ? document["train"] : document;
  NewPolicy out;
  for (const config::Node& node : train["gates"].items()) {
    SIGNALBOX_TRY(gates::Gate gate, gates::parse_gate(node));
    out.gates.push_back(std::move(gate));
  }
  if (out.gates.empty())
    return fail(ErrorKind::bad_input, fmt::format("{}: holds no gates", file),
                "gates: [{name: tests, type: …}]");
  if (document["trust"].exists()) {
    SIGNALBOX_TRY(out.trust, ev::parse_trust(document["trust"]));
  } else {
    SIGNALBOX_TRY(out.trust, workspace_trust(context.workspace));
  }
  return out;
}

// A decision as the log has it.
struct Decision {
  std::uint64_t index = 0;
  Time time;
  ev::Subject commit;
  bool was_go = false;
  std::vector<std::string> blockers;
  std::map<std::string, std::string> gates;  // name → verdict
  std::set<std::string> excepted;            // names of gates that an exception covered
};

// Nothing where its envelope was erased, or is no decision about a commit.
std::optional<Decision> decision_of(const ev::Entry& entry) {
  const auto envelope = ev::parse_envelope(entry.envelope);
  const auto statement = envelope ? ev::parse_statement(envelope->payload) : fail(envelope.error());
  if (!statement) return std::nullopt;
  const Json& said = statement->predicate;
  Decision out{entry.index, entry.time, statement->subjects.front(), said["decision"].as_string() == "GO", {},
               {},          {}};
  for (const Json& name : said["blockers"].items()) out.blockers.emplace_back(name.as_string());
  for (const Json& condition : said["conditions"].items())
    out.gates[std::string(condition["name"].as_string())] = std::string(condition["result"].as_string());
  for (const Json& used : said["exceptions"].items()) out.excepted.emplace(used["check"].as_string());
  return out;
}

bool reads_train(const gates::Gate& gate) {
  const auto tokens = gates::scan_expression(gate.require);
  return tokens && std::any_of(tokens->begin(), tokens->end(), [](const gates::Token& token) {
           return token.kind == gates::Token::Kind::field && token.text == "train";
         });
}

// Why a gate cannot be judged as of a past decision: it asks what the log of then does not hold. Empty where
// it can.
std::string_view why_not_replayed(const gates::Gate& gate) {
  switch (gate.kind) {
    case gates::GateKind::command:
      return "its program cannot run in the past";
    case gates::GateKind::approval:
      return "who had worked on the candidate is not in the decision";
    case gates::GateKind::score:
      return "the score is made of all that was asked then";
    case gates::GateKind::artifact:
      return "the file of then is not here";
    case gates::GateKind::ci:
      return std::get<gates::CiRule>(gate.rule).source == gates::CiRule::Source::github
                 ? "what GitHub said then is not in the log"
                 : "";
    case gates::GateKind::time:
      return "";
    case gates::GateKind::evidence:
    case gates::GateKind::slo:
      break;
  }
  if (gate.subject == "@artifact") return "the decision does not name the artifact";
  return reads_train(gate) ? "its condition reads .train, which the decision does not hold whole" : "";
}

// What the new gates come to.
struct Replayed {
  bool is_go = false;
  std::vector<std::string> changes;  // "tests: pass → fail (missing)"
};

// The verdict of one gate, then and now.
struct Told {
  std::string was, now, why;
};

Result<Told> judge_again(const gates::Gate& gate, const Decision& decision, const gates::Situation& situation,
                         gates::Evaluator& evaluator) {
  const auto then = decision.gates.find(gate.name);
  Told out;
  out.was = then == decision.gates.end() ? "not asked" : then->second;
  if (!why_not_replayed(gate).empty()) {
    out.now = out.was;
    return out;
  }
  SIGNALBOX_TRY(const gates::GateResult result, gates::judge(gate, situation, evaluator));
  out.now = name_of(result.check.verdict);
  out.why = result.check.reason;
  return out;
}

// Blockers of then that were no gates (freeze, changelog, readiness) stay what they were, and so do gates
// that cannot be judged again.
Result<Replayed> replay_one(const Decision& decision, const NewPolicy& policy, store::Database& database,
                            gates::Evaluator& evaluator) {
  SIGNALBOX_TRY(const ev::Ledger ledger, ev::Ledger::open_as_of(database, decision.index));
  gates::Situation situation{
      .ledger = &ledger, .trust = policy.trust, .commit = decision.commit, .now = decision.time};
  Replayed out;
  std::set<std::string> red;
  for (const std::string& name : decision.blockers) {
    if (!decision.gates.contains(name)) red.insert(name);
  }
  std::set<std::string> seen;
  for (const gates::Gate& gate : policy.gates) {
    seen.insert(gate.name);
    SIGNALBOX_TRY(const Told told, judge_again(gate, decision, situation, evaluator));
    if (told.now == "fail" && !decision.excepted.contains(gate.name)) red.insert(gate.name);
    if (told.now != told.was)
      out.changes.push_back(fmt::format("{}: {} → {}{}", gate.name, told.was, told.now,
                                        told.why.empty() ? "" : " (" + told.why + ")"));
  }
  for (const auto& [name, verdict] : decision.gates) {
    if (!seen.contains(name)) out.changes.push_back(fmt::format("{}: {} → not asked", name, verdict));
  }
  out.is_go = red.empty();
  return out;
}

std::string_view word(bool is_go) {
  return is_go ? "GO" : "NO-GO";
}

struct Counts {
  std::size_t read = 0, changed = 0, erased = 0;
};

void add_row(const Decision& decision, const Replayed& replayed, Table& table, Json& data) {
  const bool differs = replayed.is_go != decision.was_go;
  Json changes = Json::array();
  for (const std::string& change : replayed.changes) changes.push_back(change);
  data.push_back(Json::object({{"index", decision.index},
                               {"time", to_rfc3339(decision.time)},
                               {"commit", subject_text(decision.commit)},
                               {"was", word(decision.was_go)},
                               {"would_be", word(replayed.is_go)},
                               {"gates", std::move(changes)}}));
  if (!differs && replayed.changes.empty()) return;
  constexpr std::size_t kShownDigits = 22;
  table.rows.push_back(
      {std::to_string(decision.index),
       to_rfc3339(decision.time),
       subject_text(decision.commit).substr(0, kShownDigits),
       {fmt::format("{} → {}", word(decision.was_go), word(replayed.is_go)), !differs         ? Tone::plain
                                                                             : replayed.is_go ? Tone::good
                                                                                              : Tone::bad},
       printable(join(replayed.changes, "; "))});
}

Result<ev::Query> query_from(const cli::Arguments& arguments, const cli::Context& context) {
  ev::Query query;
  query.type = std::string(gates::kDecisionType);
  query.newest_first = false;
  const auto since = arguments.get("--since");
  if (!since) return query;
  if (const auto time = parse_rfc3339(*since)) {
    query.since = *time;
    return query;
  }
  const auto ago = parse_duration(*since);
  if (!ago)
    return fail(ErrorKind::bad_input, fmt::format("--since: {} is no time", printable(*since)),
                "90d, or RFC 3339");
  query.since = context.clock.now() - *ago;
  return query;
}

Result<cli::Outcome> replay(const cli::Arguments& arguments, cli::Context& context) {
  const auto file = arguments.get("--policy");
  if (!file) return fail(ErrorKind::bad_input, "which gates? give --policy", "--policy signalbox.yaml");
  SIGNALBOX_TRY(const NewPolicy policy, read_policy(*file, context));
  SIGNALBOX_TRY(const ev::Query query, query_from(arguments, context));
  SIGNALBOX_TRY(ev::EvidenceBook book, book_to_read(arguments, context));
  Table table{"what would change",
              {{"entry", Column::Align::right}, {"time"}, {"commit"}, {"decision"}, {"gates"}},
              {}};
  Json data = Json::array();
  Counts counts;
  gates::Evaluator evaluator;
  const auto take = [&](const ev::Entry& entry) -> Result<ev::Reading> {
    context.progress.update(++counts.read, 0, "decisions");
    const auto decision = decision_of(entry);
    if (!decision) {
      ++counts.erased;
      return ev::Reading::goes_on;
    }
    SIGNALBOX_TRY(const Replayed replayed, replay_one(*decision, policy, book.database(), evaluator));
    counts.changed += replayed.is_go != decision->was_go ? 1 : 0;
    add_row(*decision, replayed, table, data);
    return ev::Reading::goes_on;
  };
  SIGNALBOX_CHECK(ev::read_entries(book.ledger(), query, book.ledger().size(), take));
  context.progress.finish();
  Report report;
  report.instrument = "evidence";
  report.title = fmt::format("Replay of {} decisions under {}", counts.read, *file);
  report.verdict = counts.changed == 0 ? Verdict::pass : Verdict::warn;
  report.summary = counts.read == 0
                       ? "the log holds no decisions of that time"
                       : fmt::format("{} of {} decisions would change", counts.changed, counts.read);
  report.facts = {{"decisions", counts.read, ""}, {"would change", counts.changed, ""}};
  if (counts.erased > 0) report.facts.push_back({"erased or not readable", counts.erased, ""});
  if (!table.rows.empty()) report.tables.push_back(std::move(table));
  Json not_replayed = Json::array();
  for (const gates::Gate& gate : policy.gates) {
    const std::string_view why = why_not_replayed(gate);
    if (why.empty()) continue;
    not_replayed.push_back(Json::object({{"gate", gate.name}, {"kind", name_of(gate.kind)}, {"why", why}}));
    report.findings.push_back(
        {"evidence/not-replayed", Severity::note,
         fmt::format("{}: not judged again, {}; it stays what it was", printable(gate.name), why),
         std::nullopt, ""});
  }
  report.data = Json::object({{"decisions", std::move(data)},
                              {"changed", counts.changed},
                              {"not_replayed", std::move(not_replayed)}});
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command replay_command() {
  cli::Command command = {
      .name = "replay",
      .summary = "Tell which past decisions other gates would have changed",
      .details =
          "Each decision of the train that the log holds is judged again: by the gates of a file, on the "
          "evidence that "
          "the log held then, at the time it was made. That is done for evidence, slo, time, and ci from the "
          "log. Gates of other kinds, and what was no gate (freeze, changelog, readiness), stay what they "
          "were; the report names them.",
      .options = {{.name = "--policy",
                   .value = "FILE",
                   .help = "gates to try: a signalbox.yaml, or its section train"},
                  {.name = "--since", .value = "TIME", .help = "from then on: RFC 3339, or an age as 90d"}},
      .run = reading<replay>};
  for (cli::Option& option : server_options()) command.options.push_back(std::move(option));
  return command;
}

}  // namespace signalbox::evidence_command
