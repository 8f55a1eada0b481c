#include <algorithm>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/server_log.hpp"
#include "core/base/encoding.hpp"
#include "core/base/text.hpp"
#include "core/evidence/bundle.hpp"
#include "core/evidence/redaction.hpp"
#include "core/evidence/spool.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
using Count = cli::Positional::Count;

Result<std::uint64_t> number(const std::string& text, std::string_view what) {
  const auto value = parse_integer(text);
  if (!value || *value < 0)
    return fail(ErrorKind::bad_input, fmt::format("{}: not a {}", printable(text), what));
  return static_cast<std::uint64_t>(*value);
}

Result<Report> status_report(ev::Ledger& ledger) {
  Report report;
  report.instrument = "evidence";
  report.title = "Log";
  report.facts.push_back({"entries", ledger.size(), ""});
  if (const auto key = ledger.log_key()) {
    report.title = "Log " + key->name;
    report.facts.push_back({"verifier key", key->vkey(), ""});
  }
  if (ledger.size() > 0) {
    SIGNALBOX_TRY(const std::string checkpoint, ledger.checkpoint());
    SIGNALBOX_TRY(const ev::Note note, ev::parse_note(checkpoint));
    SIGNALBOX_TRY(const ev::Checkpoint parsed, ev::parse_checkpoint(note.text));
    SIGNALBOX_TRY(const ev::Entry last, ledger.entry(ledger.size() - 1));
    report.facts.push_back({"root", to_hex(parsed.root), ""});
    report.facts.push_back({"last entry", to_rfc3339(last.time), ""});
  }
  return report;
}

Result<cli::Outcome> init_log(const cli::Arguments&, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book,
                ev::EvidenceBook::open(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(Report report, status_report(book.ledger()));
  report.facts.push_back({"signs here", book.own_key().vkey(), ""});
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> log_status(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book, book_to_read(arguments, context));
  SIGNALBOX_TRY(Report report, status_report(book.ledger()));
  // Of a server the book is a copy: what waits, waits for the server.
  SIGNALBOX_TRY(const std::size_t waiting, ev::Spool::of(context.workspace, context.store).waiting());
  if (waiting > 0) {
    report.facts.push_back({"waiting in the spool", waiting, ""});
    report.next = {"signalbox evidence log drain" +
                   (context.store.empty() ? "" : " --store " + shell_word(context.store))};
  }
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> log_checkpoint(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book, book_to_read(arguments, context));
  SIGNALBOX_TRY(std::string checkpoint, book.ledger().checkpoint());
  return cli::Outcome(cli::Artifact{std::move(checkpoint)});
}

Result<cli::Outcome> log_scrub(const cli::Arguments&, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book,
                ev::EvidenceBook::open_existing(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(const bool scrubbed, ev::scrub(book.database()));
  Report report;
  report.instrument = "evidence";
  report.title = "Scrub of the store";
  report.verdict = scrubbed ? Verdict::pass : Verdict::fail;
  report.summary = scrubbed ? "nothing that was erased is left in it"
                            : "another program still reads the store as it was: try again once it is done";
  report.data = Json::object({{"scrubbed", scrubbed}});
  return cli::Outcome(std::move(report));
}

Result<cli::Outcome> log_fork(const cli::Arguments&, cli::Context& context) {
  SIGNALBOX_TRY(const ev::PublicKey key, ev::EvidenceBook::fork_log(context.workspace, context.store));
  Report report;
  report.instrument = "evidence";
  report.title = "Forked the log";
  report.verdict = Verdict::pass;
  report.summary = "it goes on as " + key.name + ", with a key of its own";
  report.facts = {{"verifier key", key.vkey(), ""}};
  report.data = Json::object({{"origin", key.name}, {"vkey", key.vkey()}});
  report.next = {"signalbox evidence log status"};
  return cli::Outcome(std::move(report));
}

// The newest that holds the entry, or the one that is asked for: a log keeps no older ones, so that those
// come from whoever kept them.
Result<std::string> checkpoint_to_prove_under(const cli::Arguments& arguments, const ev::Ledger& ledger,
                                              std::uint64_t index) {
  std::string out;
  if (const auto file = arguments.get("--checkpoint")) {
    SIGNALBOX_TRY(out, read_input(*file));
    SIGNALBOX_TRY(const ev::PublicKey log, ledger.log_key());
    const auto given = ev::open_checkpoint(out, log);
    if (!given)  // a fault of the file, and none of whoever keeps the log
      return fail(ErrorKind::bad_input, fmt::format("{}: {}", printable(*file), given.error().message));
    if (given->size > 0 && given->size <= ledger.size()) {
      SIGNALBOX_TRY(const std::string newest, ledger.checkpoint());
      SIGNALBOX_TRY(const ev::Checkpoint now, ev::open_checkpoint(newest, log));
      SIGNALBOX_TRY(const std::vector<Sha256> proof, ledger.prove_consistency(given->size, now.size));
      SIGNALBOX_CHECK(ev::check_extends(*given, now, proof));
    }
  } else {
    SIGNALBOX_TRY(out, ledger.checkpoint_holding(index));
  }
  const auto size = arguments.get("--size");
  if (!size) return out;
  SIGNALBOX_TRY(const std::uint64_t wanted, number(*size, "size of the log"));
  SIGNALBOX_TRY(const ev::Note note, ev::parse_note(out));
  SIGNALBOX_TRY(const ev::Checkpoint parsed, ev::parse_checkpoint(note.text));
  if (parsed.size == wanted) return out;
  return fail(ErrorKind::not_found,
              fmt::format("the checkpoint is of {} entries, not of {}: the log keeps its newest one alone",
                          parsed.size, wanted),
              "give the one that somebody kept: --checkpoint FILE");
}

Result<cli::Outcome> prove(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book, book_to_read(arguments, context));
  ev::TlogProof proof;
  SIGNALBOX_TRY(proof.index, find_entry(book.ledger(), arguments.positionals().front()));
  if (arguments.get_or("--format", "tlog-proof") == "record") {
    SIGNALBOX_TRY(ev::Entry entry, book.ledger().entry(proof.index));
    return cli::Outcome(cli::Artifact{std::move(entry.record)});
  }
  SIGNALBOX_TRY(proof.checkpoint, checkpoint_to_prove_under(arguments, book.ledger(), proof.index));
  SIGNALBOX_TRY(const ev::Note note, ev::parse_note(proof.checkpoint));
  SIGNALBOX_TRY(const ev::Checkpoint parsed, ev::parse_checkpoint(note.text));
  SIGNALBOX_TRY(proof.hashes, book.ledger().prove_inclusion(proof.index, parsed.size));
  return cli::Outcome(cli::Artifact{ev::write_tlog_proof(proof)});
}

Result<cli::Outcome> consistency(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book, book_to_read(arguments, context));
  SIGNALBOX_TRY(const std::uint64_t from, number(arguments.positionals().at(0), "size"));
  SIGNALBOX_TRY(const std::uint64_t to, number(arguments.positionals().at(1), "size"));
  SIGNALBOX_TRY(const std::vector<Sha256> proof, book.ledger().prove_consistency(from, to));
  std::string out;
  for (const Sha256& hash : proof) out += to_base64(as_octets(hash)) + "\n";
  return cli::Outcome(cli::Artifact{std::move(out)});
}

Result<std::vector<std::uint64_t>> chosen(const cli::Arguments& arguments, const cli::Context& context,
                                          const ev::Ledger& ledger) {
  std::vector<std::uint64_t> out;
  for (const std::string& text : arguments.positionals()) {
    if (const auto index = parse_integer(text)) {
      out.push_back(static_cast<std::uint64_t>(*index));
      continue;
    }
    ev::Query query;
    SIGNALBOX_TRY(query.subject, subject_from_argument(context, text));
    query.limit = ev::kMaxBundleEntries;
    SIGNALBOX_TRY(const std::vector<ev::Entry> entries, ledger.query(query));
    if (entries.empty())
      return fail(ErrorKind::not_found, fmt::format("no evidence about {}", printable(text)));
    for (const ev::Entry& entry : entries) out.push_back(entry.index);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Result<cli::Outcome> bundle(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book, book_to_read(arguments, context));
  SIGNALBOX_TRY(const std::vector<std::uint64_t> indexes, chosen(arguments, context, book.ledger()));
  std::uint64_t from = 0;
  if (const auto size = arguments.get("--from")) {
    SIGNALBOX_TRY(from, number(*size, "size of the log"));
  }
  SIGNALBOX_TRY(ev::Bundle made, ev::make_bundle(book.ledger(), indexes, from));
  if (arguments.has("--complete")) {
    if (arguments.positionals().size() != 1 || parse_integer(arguments.positionals().front()))
      return fail(ErrorKind::bad_input, "--complete goes with one subject",
                  "signalbox evidence bundle git:HEAD --complete");
    SIGNALBOX_TRY(const ev::Subject subject, subject_from_argument(context, arguments.positionals().front()));
    SIGNALBOX_CHECK(ev::add_whole_log(made, book.ledger(), subject_text(subject)));
  }
  if (arguments.get_or("--format", "signalbox") != "sigstore")
    return cli::Outcome(cli::Artifact{ev::write_bundle(made)});
  if (made.entries.size() != 1)
    return fail(ErrorKind::bad_input,
                fmt::format("a Sigstore bundle holds one envelope, not {}", made.entries.size()));
  SIGNALBOX_TRY(const ev::Envelope envelope, ev::parse_envelope(made.entries.front().envelope));
  return cli::Outcome(cli::Artifact{ev::write_sigstore_bundle(envelope, envelope.signatures.front().keyid)});
}

Result<cli::Outcome> unbundle(const cli::Arguments& arguments, cli::Context&) {
  SIGNALBOX_TRY(const std::string text, read_input(arguments.positionals().front()));
  SIGNALBOX_TRY(const ev::Bundle parsed, ev::parse_bundle(text));
  std::string out;
  for (const ev::BundleEntry& entry : parsed.entries) out += entry.envelope + "\n";
  return cli::Outcome(cli::Artifact{std::move(out)});
}

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

std::vector<cli::Option> prove_options() {
  std::vector<cli::Option> out = server_options();
  out.insert(out.begin(), {{.name = "--size", .value = "N", .help = "in the log of N entries"},
                           {.name = "--checkpoint",
                            .value = "FILE",
                            .help = "under this one, which was kept; by default the newest"}});
  return out;
}

}  // namespace

Result<std::uint64_t> find_entry(const ev::Ledger& ledger, const std::string& text) {
  if (text.size() != 64) return number(text, "index of an entry or a leaf hash");
  SIGNALBOX_TRY(const Sha256 leaf, sha256_from_hex(text));
  return ledger.find_leaf(leaf);
}

cli::Command log_command() {
  cli::Command command;
  command.name = "log";
  command.summary = "Make, inspect, audit, export, import, drain and fork the log";
  command.commands = {
      {.name = "init", .summary = "Make the log and this machine's keys", .run = init_log},
      {.name = "status",
       .summary = "Tell the size, the root and the key of the log",
       .options = server_options(),
       .run = reading<log_status>},
      {.name = "checkpoint",
       .summary = "Print the signed checkpoint",
       .options = server_options(),
       .run = reading<log_checkpoint>,
       .formats = {"note"}},
      audit_command(),
      {.name = "scrub",
       .summary = "Take what was erased out of the store's free pages and journal",
       .run = log_scrub},
      {.name = "fork",
       .summary = "Go on from a store that was put back, as another log",
       .details =
           "A store that is older than what this machine has signed is not signed again: that would tell two "
           "stories under one name. This gives the log in it a new key and with it a new origin.",
       .run = log_fork},
      log_export_command(),
      log_import_command(),
      drain_command()};
  return command;
}

cli::Command prove_command() {
  return {.name = "prove",
          .summary = "Print the proof that an entry is in the log, or the record it proves",
          .options = prove_options(),
          .positionals = {{"ENTRY", "index or leaf hash"}},
          .run = reading<prove>,
          .formats = {"tlog-proof", "record"}};
}

cli::Command consistency_command() {
  return {.name = "consistency",
          .summary = "Print the proof that one size of the log extends another",
          .options = server_options(),
          .positionals = {{"FROM", "old size"}, {"TO", "new size"}},
          .run = reading<consistency>,
          .formats = {"base64"}};
}

cli::Command bundle_command() {
  cli::Command command = {
      .name = "bundle",
      .summary = "Write evidence and its proofs into one file for offline checks",
      .options = {{.name = "--from",
                   .value = "SIZE",
                   .help = "and the proof that the log extends one of SIZE entries"},
                  {.name = "--complete",
                   .help = "and all records of the log: nothing about the subject is missing"}},
      .positionals = {{"WHAT", "indexes, or subjects as --subject takes them", Count::at_least_one}},
      .run = reading<bundle>,
      .formats = {"signalbox", "sigstore"}};
  for (cli::Option& option : server_options()) command.options.push_back(std::move(option));
  return command;
}

cli::Command unbundle_command() {
  return {.name = "unbundle",
          .summary = "Print the envelopes of a bundle, one a line",
          .positionals = {{"FILE", "the bundle"}},
          .run = unbundle,
          .formats = {"jsonl"}};
}

cli::Command show_command() {
  return {.name = "show",
          .summary = "Show one entry: what was said, about what, by whom",
          .options = server_options(),
          .positionals = {{"ENTRY", "index or leaf hash"}},
          .run = reading<show>};
}

}  // namespace signalbox::evidence_command
