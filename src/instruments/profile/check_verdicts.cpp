#include "instruments/profile/check_verdicts.hpp"

#include "core/evidence/ledger.hpp"
#include "core/evidence/trust.hpp"
#include "instruments/profile/analysis/predicates.hpp"

namespace signalbox::profile {
namespace {

// The statement of an entry, where its word counts.
std::optional<evidence::Statement> trusted_statement(const evidence::Entry& entry,
                                                     const evidence::Trust& trust) {
  if (entry.envelope.empty()) return std::nullopt;
  const auto envelope = evidence::parse_envelope(entry.envelope);
  if (!envelope) return std::nullopt;
  auto statement = evidence::parse_statement(envelope->payload);
  if (!statement) return std::nullopt;
  std::vector<std::string> names;
  for (const evidence::Subject& subject : statement->subjects) names.push_back(subject.name);
  const std::vector<evidence::Signer> signers =
      evidence::judge_signers(*envelope, trust, entry.time, statement->predicate_type, names);
  if (evidence::valid_signer(signers) == nullptr) return std::nullopt;
  return std::move(*statement);
}

}  // namespace

Result<std::map<std::string, CheckVerdict>> check_verdicts(const Services& services,
                                                           const std::vector<std::string>& sha256s) {
  std::map<std::string, CheckVerdict> out;
  if (sha256s.empty()) return out;
  SIGNALBOX_TRY(store::Database* const database, services.database());
  const auto ledger = evidence::Ledger::open_read_only(*database);
  if (!ledger && ledger.error().kind == ErrorKind::not_found) return out;
  if (!ledger) return fail(ledger.error());
  SIGNALBOX_TRY(const evidence::Trust trust, evidence::trust_of(services.workspace));
  evidence::Query query;
  query.type = std::string(kRegressionPredicate);
  for (const std::string& digest : sha256s) query.about_any.push_back({{}, {{"sha256", digest}}});
  SIGNALBOX_TRY(const std::vector<evidence::Entry> entries, ledger->query(query));
  for (const evidence::Entry& entry : entries) {
    const auto statement = trusted_statement(entry, trust);
    if (!statement) continue;
    const std::string verdict(statement->predicate["check"]["verdict"].as_string());
    for (const evidence::Subject& subject : statement->subjects) {
      const auto digest = subject.digest.find("sha256");
      if (digest != subject.digest.end() && !verdict.empty())
        out.try_emplace(digest->second, CheckVerdict{verdict, entry.index});
    }
  }
  return out;
}

}  // namespace signalbox::profile
