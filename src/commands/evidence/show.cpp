// `evidence show`: one entry, or what is left of it.
#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/server_log.hpp"
#include "core/base/text.hpp"
#include "core/evidence/redaction.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

// What is left of an entry whose envelope is gone, and who says why.
Result<cli::Outcome> show_erased(const ev::Ledger& ledger, const ev::Entry& entry) {
  SIGNALBOX_TRY(const std::optional<ev::Erased> erased, ev::erasure_of(ledger, entry));
  SIGNALBOX_TRY(const Json record, parse_json(entry.record));
  Report report;
  report.instrument = "evidence";
  report.title = fmt::format("Entry {}: {}", entry.index, short_type(record["type"].as_string()));
  report.verdict = Verdict::fail;
  report.summary = erased ? to_text(*erased) : "its envelope is gone, and no statement says why";
  report.facts = {{"logged", to_rfc3339(entry.time), ""}, {"leaf", to_hex(entry.leaf), ""}};
  for (const Json& subject : record["subjects"].items())
    report.facts.push_back({"subject", printable(subject.as_string()), ""});
  report.data = Json::object({{"record", record}, {"erased", Json()}});
  if (erased) {
    report.data.set("erased", Json::object({{"at", to_rfc3339(erased->time)},
                                            {"approver", erased->order.approver},
                                            {"requester", erased->order.requester},
                                            {"reason", erased->order.reason},
                                            {"statement", erased->statement}}));
    report.next = {fmt::format("signalbox evidence show {}", erased->statement)};
  }
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> show(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book, book_to_read(arguments, context));
  SIGNALBOX_TRY(const std::uint64_t index, find_entry(book.ledger(), arguments.positionals().front()));
  SIGNALBOX_TRY(const ev::Entry entry, book.ledger().entry(index));
  if (entry.envelope.empty()) return show_erased(book.ledger(), entry);
  SIGNALBOX_TRY(const ev::Envelope envelope, ev::parse_envelope(entry.envelope));
  SIGNALBOX_TRY(const ev::Statement statement, ev::parse_statement(envelope.payload));
  SIGNALBOX_TRY(const ev::Trust trust, workspace_trust(context.workspace));
  Report report;
  report.instrument = "evidence";
  report.title = fmt::format("Entry {}: {}", index, short_type(statement.predicate_type));
  report.facts = {{"logged", to_rfc3339(entry.time), ""}, {"leaf", to_hex(entry.leaf), ""}};
  for (const ev::Subject& subject : statement.subjects)
    report.facts.push_back({"subject " + printable(subject.name), subject_text(subject), ""});
  std::vector<std::string> names;
  for (const ev::Subject& subject : statement.subjects) names.push_back(subject.name);
  Table table{"signers", {{"key"}, {"roles"}, {"counts"}}, {}};
  for (const ev::Signer& signer :
       judge_signers(envelope, trust, entry.time, statement.predicate_type, names)) {
    table.rows.push_back({signer.key.name,
                          join(signer.roles, ", "),
                          {signer.valid ? "yes" : signer.why, signer.valid ? Tone::good : Tone::bad}});
  }
  report.tables.push_back(std::move(table));
  if (trust.self_trusted) report.summary = "self-trusted: no trust file, only this machine's own keys count";
  for (const auto& [key, value] : statement.predicate.members()) {
    if (!value.is_array() && !value.is_object()) report.facts.push_back({key, value, ""});
  }
  SIGNALBOX_TRY(report.data, parse_json(envelope.payload));
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command show_command() {
  return {.name = "show",
          .summary = "Show one entry: what was said, about what, by whom",
          .options = server_options(),
          .positionals = {{"ENTRY", "index or leaf hash"}},
          .run = reading<show>};
}

}  // namespace signalbox::evidence_command
