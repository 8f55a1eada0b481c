// `evidence summarize`: a recorded decision of the train as a statement that other tools read.
#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "commands/evidence/demand.hpp"
#include "core/base/text.hpp"
#include "core/gates/decision_summary.hpp"
#include "core/remote/remote_log.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

// An index, a leaf hash, or a subject: the newest decision about it.
Result<ev::Entry> find_decision(const ev::Ledger& ledger, const std::string& text,
                                const cli::Context& context) {
  if (const auto index = find_entry(ledger, text)) return ledger.entry(*index);
  SIGNALBOX_TRY(const ev::Subject subject, subject_from_argument(context, text));
  SIGNALBOX_TRY(const std::vector<ev::Entry> found,
                ledger.query({.subject = subject, .type = std::string(gates::kDecisionType), .limit = 1}));
  if (found.empty())
    return fail(ErrorKind::not_found, "no decision about " + subject_text(subject) + " is recorded",
                "signalbox train check");
  return ledger.entry(found.front().index);
}

// What is said again in our name must be the word of somebody who is trusted here.
Status believe(const ev::Ledger& ledger, const ev::Entry& entry, const cli::Context& context) {
  if (entry.envelope.empty()) return {};  // told where it is read
  Demand demand;
  demand.now = context.clock.now();
  SIGNALBOX_TRY(demand.trust, workspace_trust(context.workspace));
  SIGNALBOX_TRY(const Check check, judge(fmt::format("entry {}", entry.index), entry.envelope,
                                         gates::Vouched{entry.index, entry.time, ledger.size(), 0}, demand));
  if (check.verdict != Verdict::pass) return fail(ErrorKind::denied, check.name + ": " + check.answer);
  return {};
}

// "git+https://example.com/shop.git@<commit>" of what the decision is about.
Result<std::string> resource_of(const ev::Entry& decision, const cli::Context& context) {
  SIGNALBOX_TRY(const ev::Envelope envelope, ev::parse_envelope(decision.envelope));
  SIGNALBOX_TRY(const ev::Statement statement, ev::parse_statement(envelope.payload));
  if (auto resource = gates::commit_resource(context.workspace.root, statement.subjects))
    return std::move(*resource);
  return fail(ErrorKind::bad_input, "what may depart has no URI here: git's origin has none",
              "give --resource, as pkg:generic/shop@1.2.0");
}

Status check_uri(std::string_view option, const std::string& uri) {
  if (gates::is_uri(uri)) return {};
  return fail(ErrorKind::bad_input, fmt::format("{}: {} is no URI", option, printable(uri)),
              "https://ci.example/train");
}

Result<ev::Statement> summary_of(const cli::Arguments& arguments, const ev::Ledger& ledger,
                                 const cli::Context& context) {
  SIGNALBOX_TRY(const ev::Entry entry, find_decision(ledger, arguments.positionals().front(), context));
  SIGNALBOX_CHECK(believe(ledger, entry, context));
  gates::SummaryRequest request;
  request.form =
      arguments.get_or("--format", "vsa") == "svr" ? gates::SummaryForm::svr : gates::SummaryForm::vsa;
  request.verifier = arguments.get_or("--verifier", gates::kTrainVerifier);
  SIGNALBOX_CHECK(check_uri("--verifier", request.verifier));
  if (const auto given = arguments.get("--resource")) {
    request.resource = *given;
    SIGNALBOX_CHECK(check_uri("--resource", request.resource));
  } else if (request.form == gates::SummaryForm::vsa && !entry.envelope.empty()) {
    SIGNALBOX_TRY(request.resource, resource_of(entry, context));
  }
  return gates::summarize(ledger, entry, request);
}

Result<cli::Outcome> summarize(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book,
                ev::EvidenceBook::open_existing(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(const ev::Statement statement, summary_of(arguments, book.ledger(), context));
  SIGNALBOX_TRY(const std::string payload, ev::write_statement(statement));
  SIGNALBOX_TRY(const ev::SigningKey key, book.signing_key());
  const std::string envelope = ev::write_envelope(ev::sign_envelope(ev::kPayloadType, payload, {&key}));
  if (arguments.has("--append")) {
    SIGNALBOX_TRY(ev::EvidenceBook writing,
                  remote::open_book(context.workspace, context.clock, context.store));
    SIGNALBOX_TRY(const std::vector<ev::Receipt> receipts, writing.append({envelope}));
    if (context.say) context.say(fmt::format("recorded as entry {} of the log", receipts.front().index));
  }
  return cli::Outcome(cli::Artifact{envelope + "\n"});
}

}  // namespace

cli::Command summarize_command() {
  return {
      .name = "summarize",
      .summary = "Say a decision of the train in the words of other tools, signed",
      .details =
          "As SLSA's verification summary (vsa) or in-toto's simple verification result (svr), signed with "
          "this machine's key. GO is PASSED at the level SIGNALBOX_TRAIN_GO, which claims no SLSA level; "
          "NO-GO is FAILED. Only a decision that a trusted key signed is said again.",
      .options = {{.name = "--verifier",
                   .value = "URI",
                   .help = "who decides, as its readers know it; by default https://signalbox.dev/train"},
                  {.name = "--resource",
                   .value = "URI",
                   .help = "what may depart; by default git+ORIGIN@COMMIT"},
                  {.name = "--append", .help = "and append it to the log"}},
      .positionals = {{"DECISION", "index or leaf hash; or a subject: the newest decision about it"}},
      .run = summarize,
      .formats = {"vsa", "svr"}};
}

}  // namespace signalbox::evidence_command
