// `evidence replay`: what other gates would have said of the decisions in the log, on the evidence of that
// time.
#include <algorithm>
#include <map>
#include <set>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "core/base/text.hpp"
#include "core/gates/gate.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

constexpr std::string_view kDecisionType = "https://signalbox.dev/train/decision/v1";
constexpr std::size_t kDecisionsAtOnce = 256;

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
};

// Nothing where its envelope was erased, or is no decision about a commit.
std::optional<Decision> decision_of(const ev::Entry& entry) {
  const auto envelope = ev::parse_envelope(entry.envelope);
  const auto statement = envelope ? ev::parse_statement(envelope->payload) : fail(envelope.error());
  if (!statement) return std::nullopt;
  const Json& said = statement->predicate;
  Decision out{entry.index, entry.time, statement->subjects.front(), said["decision"].as_string() == "GO",
               {},          {}};
  for (const Json& name : said["blockers"].items()) out.blockers.emplace_back(name.as_string());
  for (const Json& condition : said["conditions"].items())
    out.gates[std::string(condition["name"].as_string())] = std::string(condition["result"].as_string());
  return out;
}

// What the new gates come to.
struct Replayed {
  bool is_go = false;
  std::vector<std::string> changes;  // "tests: pass → fail (missing)"
};

// Blockers of then that were no gates (freeze, changelog, readiness) stay what they were.
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
    const auto then = decision.gates.find(gate.name);
    std::string was = then == decision.gates.end() ? "not asked" : then->second;
    std::string now, why;
    if (gate.command.empty()) {
      SIGNALBOX_TRY(const gates::GateResult result, gates::judge(gate, situation, evaluator));
      now = name_of(result.check.verdict);
      why = result.check.reason;
    } else {
      now = was;  // a command cannot be run again in the past
    }
    if (now == "fail") red.insert(gate.name);
    if (now != was)
      out.changes.push_back(
          fmt::format("{}: {} → {}{}", gate.name, was, now, why.empty() ? "" : " (" + why + ")"));
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
  query.type = std::string(kDecisionType);
  query.newest_first = false;
  query.limit = kDecisionsAtOnce;
  query.from = 0;
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
  SIGNALBOX_TRY(ev::Query query, query_from(arguments, context));
  SIGNALBOX_TRY(ev::EvidenceBook book,
                ev::EvidenceBook::open_existing(context.workspace, context.clock, context.store));
  Table table{"what would change",
              {{"entry", Column::Align::right}, {"time"}, {"commit"}, {"decision"}, {"gates"}},
              {}};
  Json data = Json::array();
  Counts counts;
  gates::Evaluator evaluator;
  for (;;) {
    SIGNALBOX_TRY(const std::vector<ev::Entry> entries, book.ledger().query(query));
    if (entries.empty()) break;
    for (const ev::Entry& entry : entries) {
      ++counts.read;
      context.progress.update(counts.read, 0, "decisions");
      const auto decision = decision_of(entry);
      if (!decision) {
        ++counts.erased;
        continue;
      }
      SIGNALBOX_TRY(const Replayed replayed, replay_one(*decision, policy, book.database(), evaluator));
      counts.changed += replayed.is_go != decision->was_go ? 1 : 0;
      add_row(*decision, replayed, table, data);
    }
    query.from = entries.back().index + 1;
  }
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
  report.data = Json::object({{"decisions", std::move(data)}, {"changed", counts.changed}});
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command replay_command() {
  return {
      .name = "replay",
      .summary = "Tell which past decisions other gates would have changed",
      .details =
          "Each decision of the train that the log holds is judged again: by the gates of a file, on the "
          "evidence that "
          "the log held then, at the time it was made. What was no gate (freeze, changelog, readiness) stays "
          "what it "
          "was, and gates that run commands too.",
      .options = {{.name = "--policy",
                   .value = "FILE",
                   .help = "gates to try: a signalbox.yaml, or its section train"},
                  {.name = "--since", .value = "TIME", .help = "from then on: RFC 3339, or an age as 90d"}},
      .run = replay};
}

}  // namespace signalbox::evidence_command
