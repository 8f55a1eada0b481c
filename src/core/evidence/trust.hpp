// Who may say what: the trust file (signalbox/trust/v1), and the judgement of an envelope's signers at the
// time it entered the log.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/config/config.hpp"
#include "core/config/workspace.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/sigstore/trusted_root.hpp"
#include "core/evidence/statement.hpp"

namespace signalbox::evidence {

// Within what bounds somebody's word counts.
struct Terms {
  std::vector<std::string> roles;  // builder, gate, approver, log, witness, root
  std::optional<Time> not_before, not_after, revoked_at;
  std::string revocation_reason;
  bool retroactive = false;           // the revocation reaches entries from before it
  std::vector<std::string> types;     // globs of predicate types it may sign; empty: any
  std::vector<std::string> subjects;  // globs of subject names; empty: any
};

struct TrustedKey : Terms {
  PublicKey key;
};

// Whose certificates count, as Sigstore's Fulcio issues them: roles builder and gate alone, because each
// signature has a key of its own, and who approves is told apart by keys.
struct TrustedIdentity : Terms {
  std::string issuer;   // of OpenID Connect, exactly
  std::string subject;  // of the certificate: an e-mail address or a URI
  enum class Fit : std::uint8_t { exact, glob } fit = Fit::exact;
};

struct Trust {
  std::vector<TrustedKey> keys;
  std::vector<TrustedIdentity> identities;
  // What certificates are checked against; null: none count.
  std::shared_ptr<const sigstore::TrustedRoot> sigstore_root;
  int roots =
      0;  // distinct keys of the role root that a change of this file takes; 0: changes are not looked at
  std::string digest;  // of what the file says, sha256 in hexadecimal; empty where there is none
  int witnesses = 0;   // distinct keys of the role witness that a checkpoint must carry to be believed
  bool self_trusted =
      false;  // no trust file: only this machine's own key is trusted, and every decision says so
};

Result<Trust> parse_trust(const config::Node& document);
// The witnesses that are trusted at that time: those of the role whose key is one for cosignatures.
std::vector<PublicKey> witnesses_of(const Trust& trust, Time at);
// Why what this key signed as a log at that time does not count: it was revoked or expired then, or not valid
// yet, or its revocation reaches back. Empty where it counts, and of a key that trust does not name.
std::string objection_to_log(const Trust& trust, const PublicKey& log, Time at);
// The keys of the role log that are trusted at that time.
std::vector<PublicKey> log_keys_of(const Trust& trust, Time at);
// Those of the role log that ever counted: all but those whose revocation reaches back.
std::vector<PublicKey> past_log_keys_of(const Trust& trust);
// Trust in the keys of this machine's own key store alone.
Trust self_trust(const std::vector<PublicKey>& own);
// The same, with the roles and revocations that the key store knows.
Trust self_trust(const std::vector<StoredKey>& own);

// Section `trust` of the workspace; where there is none, trust in the key store of this machine.
Result<Trust> trust_of(const Workspace& workspace);

// Why the word of this key does not count for a statement that enters the log at that time; empty where it
// does.
std::string objection_to(const TrustedKey& key, Time integrated, const Statement& statement);

// One signer of an envelope, judged. `valid` false: `why` says unknown, revoked, expired, not yet valid, out
// of scope, or what is missing or does not hold of a certificate. The key of a certificate is named
// "SUBJECT (ISSUER)": no other key can have that name.
struct Signer {
  PublicKey key;
  std::vector<std::string> roles;
  bool valid = false;
  std::string why;
};
std::vector<Signer> judge_signers(const Envelope& envelope, const Trust& trust, Time integrated,
                                  const std::string& predicate_type,
                                  const std::vector<std::string>& subject_names);
// The first whose word counts, one of `signers`; null where nobody's does.
const Signer* valid_signer(const std::vector<Signer>& signers);
const Signer* valid_signer(std::vector<Signer>&&) = delete;

}  // namespace signalbox::evidence
