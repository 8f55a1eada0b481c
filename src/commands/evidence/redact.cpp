// `evidence redact`: what an entry says goes, that it was said stays proven.
#include <algorithm>

#include <fmt/core.h>

#include "commands/evidence/commands.hpp"
#include "core/base/text.hpp"
#include "core/evidence/redaction.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

// A trust file says who may approve; without one this machine's keys may.
Status check_approver(const cli::Context& context, const ev::PublicKey& key) {
  SIGNALBOX_TRY(const ev::Trust trust, workspace_trust(context.workspace));
  if (trust.self_trusted) return {};
  for (const ev::TrustedKey& trusted : trust.keys) {
    if (trusted.key.same_key(key) &&
        std::find(trusted.roles.begin(), trusted.roles.end(), "approver") != trusted.roles.end()) {
      return {};
    }
  }
  return fail(ErrorKind::denied, fmt::format("{} is no approver by the trust file", key.name),
              "sign with the key of one: --key NAME");
}

// The requester may be named as a key: then it is another one than the approver's.
Status check_requester(const ev::KeyStore& keys, const std::string& requester,
                       const ev::PublicKey& approver) {
  if (!keys.has(requester)) return {};
  SIGNALBOX_TRY(const ev::StoredKey stored, keys.find(requester));
  if (!stored.key.same_key(approver)) return {};
  return fail(ErrorKind::bad_input, fmt::format("{} is the approver's own key", requester));
}

Result<cli::Outcome> redact(const cli::Arguments& arguments, cli::Context& context) {
  SIGNALBOX_TRY(ev::EvidenceBook book,
                ev::EvidenceBook::open(context.workspace, context.clock, context.store));
  SIGNALBOX_TRY(const std::uint64_t index, find_entry(book.ledger(), arguments.positionals().front()));
  SIGNALBOX_TRY(const ev::Entry entry, book.ledger().entry(index));
  const ev::KeyStore keys(keys_directory());
  SIGNALBOX_TRY(const ev::SigningKey key,
                ev::unlock(keys, arguments.get_or("--key", ev::machine_key_name())));
  const ev::ErasureOrder order{arguments.get_or("--reason", ""), arguments.get_or("--requester", ""),
                               key.public_key().name, arguments.get_or("--legal-basis", "")};
  SIGNALBOX_TRY(const ev::Statement statement, ev::erasure_statement(entry, order));
  SIGNALBOX_CHECK(check_requester(keys, order.requester, key.public_key()));
  SIGNALBOX_CHECK(check_approver(context, key.public_key()));
  SIGNALBOX_TRY(const std::string payload, ev::write_statement(statement));
  SIGNALBOX_TRY(const ev::Receipt receipt,
                ev::erase(book.ledger(), index,
                          ev::write_envelope(ev::sign_envelope(ev::kPayloadType, payload, {&key}))));
  SIGNALBOX_TRY(const bool scrubbed, ev::scrub(book.database()));
  Report report;
  report.instrument = "evidence";
  report.title = fmt::format("Erased what entry {} says", index);
  report.verdict = Verdict::pass;
  report.summary = fmt::format("entry {} says so; that entry {} existed stays proven", receipt.index, index);
  report.facts = {
      {"statement", receipt.index, ""}, {"requester", order.requester, ""}, {"approver", order.approver, ""}};
  if (!scrubbed) {
    report.findings.push_back(
        {"evidence/journal",
         Severity::warning,
         "another program still reads the store as it was, so that its files may hold what was erased",
         {},
         "once that program is done: signalbox evidence log scrub"});
  }
  report.findings.push_back({"evidence/copies",
                             Severity::note,
                             "backups, exports and bundles made before hold it still: erase them too",
                             {},
                             {}});
  report.data = Json::object({{"erased", index}, {"statement", receipt.index}, {"scrubbed", scrubbed}});
  report.next = {fmt::format("signalbox evidence show {}", index)};
  return cli::Outcome(std::move(report));
}

}  // namespace

cli::Command redact_command() {
  return {.name = "redact",
          .summary = "Erase what an entry says; that it was said stays proven",
          .details =
              "The envelope and the salt of its commitment go for good, the record and all proofs stay. Who "
              "asked for it "
              "and who approved are two people: the key that signs is the approver's. A statement of type "
              "evidence/erasure/v1 says so in the log.",
          .options = {{.name = "--reason", .value = "TEXT", .help = "why"},
                      {.name = "--requester", .value = "NAME", .help = "who asks for it"},
                      {.name = "--key",
                       .value = "NAME",
                       .help = "key of the approver; by default this machine's"},
                      {.name = "--legal-basis", .value = "TEXT", .help = "as GDPR Art. 17(1)(b)"}},
          .positionals = {{"ENTRY", "index or leaf hash"}},
          .run = redact};
}

}  // namespace signalbox::evidence_command
