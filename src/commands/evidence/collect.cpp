// `evidence collect`: what a release rests on, all of it, as one statement.
#include <algorithm>
#include <set>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "core/base/text.hpp"
#include "core/evidence/all_entries.hpp"
#include "core/evidence/completeness.hpp"
#include "core/gates/decision_entries.hpp"
#include "core/gates/decision_summary.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

constexpr std::size_t kMaxCollected = 10'000;

// Nothing where its envelope was erased.
std::optional<ev::Statement> statement_of(const ev::Entry& entry) {
  const auto envelope = ev::parse_envelope(entry.envelope);
  auto statement = envelope ? ev::parse_statement(envelope->payload) : fail(envelope.error());
  return statement ? std::optional(std::move(*statement)) : std::nullopt;
}

// A decision of the train that the log holds.
struct Decision {
  std::uint64_t index = 0;
  ev::Statement statement;
};

// The newest decision about a subject, or under a train's name; not_found where there is none, conflict where
// the log does not hold one that may be it.
Result<Decision> newest_decision(const ev::Ledger& ledger, const std::optional<ev::Subject>& subject,
                                 const std::optional<std::string>& train) {
  ev::Query query;
  query.type = std::string(gates::kDecisionType);
  query.subject = subject;
  std::optional<Decision> newest;
  const auto take = [&](const ev::Entry& found) -> Result<ev::Reading> {
    SIGNALBOX_TRY(const ev::Entry entry, ledger.entry(found.index));
    auto statement = statement_of(entry);
    if (!statement || (train && statement->predicate["train"].as_string() != *train))
      return ev::Reading::goes_on;
    newest = Decision{entry.index, std::move(*statement)};
    return ev::Reading::is_done;
  };
  SIGNALBOX_CHECK(ev::read_entries(ledger, query, ledger.size(), take));
  if (newest) return std::move(*newest);
  return fail(ErrorKind::not_found,
              train ? fmt::format("no decision about the train {} is recorded", printable(*train))
                    : std::string("no decision is recorded"),
              "signalbox train check");
}

// What is collected, and whether it is all there is.
struct Collection {
  ev::Subject subject;
  std::optional<std::uint64_t> decision;
  std::set<std::uint64_t> entries;
  ev::Checkpoint checkpoint;
  std::vector<std::string> doubts;
};

Result<Collection> collect(const cli::Arguments& arguments, const ev::Ledger& ledger, cli::Context& context) {
  Collection out;
  std::optional<Decision> decision;
  if (const auto train = arguments.get("--train")) {
    SIGNALBOX_TRY(decision, newest_decision(ledger, {}, train));
    out.subject = decision->statement.subjects.front();
  } else {
    SIGNALBOX_TRY(out.subject,
                  subject_from_argument(context, arguments.positional(0).value_or("git:HEAD^{commit}")));
    auto found = newest_decision(ledger, out.subject, {});
    if (found) {
      decision = std::move(*found);
    } else if (found.error().kind != ErrorKind::not_found) {
      return fail(std::move(found).error());
    }
  }
  SIGNALBOX_TRY(const std::string text, ledger.checkpoint());
  SIGNALBOX_TRY(const ev::Note note, ev::parse_note(text));
  SIGNALBOX_TRY(out.checkpoint, ev::parse_checkpoint(note.text));
  SIGNALBOX_TRY(const ev::Completeness all,
                ev::replay_ledger(ledger, subject_text(out.subject), out.checkpoint,
                                  [&](std::uint64_t done, std::uint64_t total) {
                                    context.progress.update(done, total, "records");
                                  }));
  context.progress.finish();
  out.entries.insert(all.indexes.begin(), all.indexes.end());
  out.doubts = all.doubts;
  if (decision) {
    out.decision = decision->index;
    for (const std::uint64_t index : gates::entries_behind(decision->statement.predicate))
      out.entries.insert(index);
  }
  if (out.entries.empty())
    return fail(ErrorKind::not_found, "no evidence about " + subject_text(out.subject));
  if (out.entries.size() > kMaxCollected)
    return fail(ErrorKind::bad_input, fmt::format("{} entries are about it; a collection holds at most {}",
                                                  out.entries.size(), kMaxCollected));
  return out;
}

// `evidence/collection/v1`: each input by digest and place.
Result<ev::Statement> statement_of(const Collection& collection, const ev::Ledger& ledger, Table& table) {
  Json inputs = Json::array();
  for (const std::uint64_t index : collection.entries) {
    SIGNALBOX_TRY(const ev::Entry entry, ledger.entry(index));
    SIGNALBOX_TRY(const Json record, parse_json(entry.record));
    const bool erased = entry.envelope.empty();
    inputs.push_back(
        Json::object({{"index", index},
                      {"type", record["type"]},
                      {"leaf", to_hex(entry.leaf)},
                      {"envelope", erased ? Json() : Json("sha256:" + to_hex(sha256(entry.envelope)))}}));
    table.rows.push_back({std::to_string(index), to_rfc3339(entry.time),
                          short_type(record["type"].as_string()) + (erased ? " (erased)" : "")});
  }
  ev::Statement out;
  out.subjects = {collection.subject};
  out.predicate_type = whole_type("evidence/collection/v1");
  out.predicate = Json::object({{"inputs", std::move(inputs)},
                                {"complete", collection.doubts.empty()},
                                {"decision", collection.decision ? Json(*collection.decision) : Json()},
                                {"log", Json::object({{"origin", collection.checkpoint.origin},
                                                      {"size", collection.checkpoint.size},
                                                      {"root", to_hex(collection.checkpoint.root)}})}});
  return out;
}

Result<cli::Outcome> run_collect(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book,
                ev::EvidenceBook::open_existing(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(const Collection collection, collect(arguments, book.ledger(), context));
  Table table{"", {{"entry", Column::Align::right}, {"time"}, {"type"}}, {}};
  SIGNALBOX_TRY(ev::Statement statement, statement_of(collection, book.ledger(), table));
  const Json predicate = statement.predicate;
  SIGNALBOX_TRY(Report report, record_statement(context, std::move(statement),
                                                "Collection about " + subject_text(collection.subject)));
  report.verdict = collection.doubts.empty() ? Verdict::pass : Verdict::warn;
  report.summary = fmt::format("{} of {} in the log, recorded as entry {}",
                               counted(collection.entries.size(), "entry", "entries"),
                               collection.checkpoint.size, report.data["index"].as_integer());
  for (const std::string& doubt : collection.doubts)
    report.findings.push_back({"evidence/incomplete", Severity::warning, doubt, {}, ""});
  report.tables.push_back(std::move(table));
  report.data.set("collection", predicate);
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command collect_command() {
  return {
      .name = "collect",
      .summary = "Record what a release rests on as one statement",
      .details =
          "Every entry about the subject, which reading all records shows to be all, and every entry that "
          "its newest decision rests on: each by its place in the log and its digest.",
      .options = {{.name = "--train",
                   .value = "TRAIN",
                   .help = "about the commit that this train's newest decision judged"}},
      .positionals = {{"SUBJECT", "git:REF, a file, or ALG:HEX; by default git:HEAD",
                       cli::Positional::Count::optional}},
      .run = run_collect};
}

}  // namespace signalbox::evidence_command
