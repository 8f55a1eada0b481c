#include "core/gates/testimony.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/json.hpp"
#include "core/evidence/ledger_entry.hpp"
#include "core/evidence/merkle.hpp"

namespace signalbox::gates {
namespace {

using evidence::Entry;
using evidence::Statement;
using evidence::Subject;

// A trust file that names log keys is held to them.
bool log_is_trusted(const evidence::PublicKey& key, const evidence::Trust& trust) {
  if (trust.self_trusted) return true;
  bool names_logs = false;
  for (const evidence::TrustedKey& trusted : trust.keys) {
    const auto& roles = trusted.roles;
    if (std::find(roles.begin(), roles.end(), "log") == roles.end()) continue;
    if (trusted.key.same_key(key)) return true;
    names_logs = true;
  }
  return !names_logs;
}

Result<evidence::Checkpoint> checked_checkpoint(const evidence::Ledger& ledger,
                                                const evidence::Trust& trust) {
  SIGNALBOX_TRY(const evidence::PublicKey key, ledger.log_key());
  SIGNALBOX_TRY(const std::string octets, ledger.checkpoint());
  SIGNALBOX_TRY(const evidence::Note note, evidence::parse_note(octets));
  if (!log_is_trusted(key, trust))
    return fail(ErrorKind::denied, "its key " + key.name + " is no trusted log key");
  const auto signers = evidence::verify_note(note, {key});
  if (!signers || signers->empty())
    return fail(ErrorKind::denied, "its checkpoint is not signed by " + key.name);
  return evidence::parse_checkpoint(note.text);
}

bool is_about(const Statement& statement, const Subject& subject) {
  return std::any_of(statement.subjects.begin(), statement.subjects.end(),
                     [&](const Subject& one) { return evidence::matches(one, subject); });
}

}  // namespace

CheckedLog::CheckedLog(const evidence::Ledger& ledger, const evidence::Trust& trust) : ledger_(ledger) {
  auto checkpoint = checked_checkpoint(ledger, trust);
  if (checkpoint) {
    checkpoint_ = std::move(*checkpoint);
  } else {
    fault_ = checkpoint.error().message;
  }
}

std::string CheckedLog::fault_in(const Entry& entry) const {
  if (!fault_.empty()) return fault_;
  const auto proof = ledger_.prove_inclusion(entry.index, checkpoint_.size);
  if (!proof) return proof.error().message;
  const Status held =
      evidence::verify_inclusion(entry.index, checkpoint_.size, entry.leaf, *proof, checkpoint_.root);
  return held ? std::string() : fmt::format("entry {}: {}", entry.index, held.error().message);
}

std::vector<evidence::Signer> signers_of(const evidence::Envelope& envelope, const evidence::Trust& trust,
                                         Time at, const Statement& statement) {
  std::vector<std::string> names;
  for (const Subject& one : statement.subjects) names.push_back(one.name);
  return evidence::judge_signers(envelope, trust, at, statement.predicate_type, names);
}

std::string fallen_since(const Testimony& testimony, const evidence::PublicKey& key,
                         const evidence::Trust& trust, Time now) {
  const auto envelope = evidence::parse_envelope(testimony.entry.envelope);
  if (!envelope) return envelope.error().message;
  for (const evidence::Signer& signer : signers_of(*envelope, trust, now, testimony.statement)) {
    if (signer.key.same_key(key)) return signer.valid ? std::string() : signer.why;
  }
  return "unknown key";
}

std::vector<std::string> Testimonies::doubts(std::string_view what_was_said) const {
  std::vector<std::string> out = faults;
  for (const ErasedEntry& one : erased)
    out.push_back(fmt::format("entry {} was erased: {} is not known", one.index, what_was_said));
  if (!unread.empty()) out.push_back(unread);
  return out;
}

namespace {

ErasedEntry erased_of(const Entry& entry) {
  ErasedEntry out{entry.index, entry.time, {}};
  const auto record = parse_json(entry.record);
  if (!record) return out;
  for (const Json& id : (*record)["keys"].items()) out.key_ids.emplace_back(id.as_string());
  return out;
}

// Puts an entry where it belongs among what was found.
void hear(const Entry& entry, const CheckedLog& log, const evidence::Trust& trust,
          const TestimonyQuery& query, Testimonies& out) {
  std::string fault = evidence::fault_in(entry);
  if (fault.empty()) fault = log.fault_in(entry);
  if (!fault.empty()) {
    out.faults.push_back(std::move(fault));
    return;
  }
  if (entry.envelope.empty()) {
    out.erased.push_back(erased_of(entry));
    return;
  }
  const auto envelope = evidence::parse_envelope(entry.envelope);
  auto statement = envelope ? evidence::parse_statement(envelope->payload) : fail(envelope.error());
  if (!statement || statement->predicate_type != query.type) return;
  if (query.subject && !is_about(*statement, *query.subject)) return;
  std::vector<evidence::Signer> signers = signers_of(*envelope, trust, entry.time, *statement);
  out.found.push_back({entry, std::move(*statement), std::move(signers), to_hex(sha256(entry.envelope)),
                       to_hex(sha256(envelope->payload))});
}

}  // namespace

Result<Testimonies> testimonies(const evidence::Ledger& ledger, const evidence::Trust& trust,
                                const TestimonyQuery& query) {
  Testimonies out;
  std::optional<CheckedLog> log;
  const evidence::Query asked{.subject = query.subject, .type = query.type};
  const auto take = [&](const Entry& entry) -> Result<evidence::Reading> {
    if (!log) log.emplace(ledger, trust);
    hear(entry, *log, trust, query, out);
    return evidence::Reading::goes_on;
  };
  SIGNALBOX_TRY(const evidence::Extent extent, evidence::read_entries(ledger, asked, query.most, take));
  if (extent == evidence::Extent::cut) out.unread = evidence::too_many_text(asked, query.most);
  return out;
}

}  // namespace signalbox::gates
