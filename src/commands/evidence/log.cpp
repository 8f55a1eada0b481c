// `evidence log`: makes, inspects, scrubs and forks it.
#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/server_log.hpp"
#include "core/base/text.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/redaction.hpp"
#include "core/evidence/spool.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

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

}  // namespace

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

}  // namespace signalbox::evidence_command
