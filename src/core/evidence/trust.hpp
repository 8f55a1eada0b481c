// Who may say what: the trust file (signalbox/trust/v1), and the judgement of an envelope's signers at the
// time it entered the log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/config/config.hpp"
#include "core/evidence/envelope.hpp"

namespace signalbox::evidence {

struct TrustedKey {
  PublicKey key;
  std::vector<std::string> roles;  // builder, gate, approver, log, witness, root
  std::optional<Time> not_before, not_after, revoked_at;
  std::string revocation_reason;
  bool retroactive = false;           // the revocation reaches entries from before it
  std::vector<std::string> types;     // globs of predicate types it may sign; empty: any
  std::vector<std::string> subjects;  // globs of subject names; empty: any
};

struct Trust {
  std::vector<TrustedKey> keys;
  int witnesses = 0;  // distinct keys of the role witness that a checkpoint must carry to be believed
  bool self_trusted =
      false;  // no trust file: only this machine's own key is trusted, and every decision says so
};

Result<Trust> parse_trust(const config::Node& document);
// The witnesses that are trusted at that time: those of the role whose key is one for cosignatures.
std::vector<PublicKey> witnesses_of(const Trust& trust, Time at);
// Trust in the keys of this machine's own key store alone.
Trust self_trust(const std::vector<PublicKey>& own);
// The same, with the roles and revocations that the key store knows.
Trust self_trust(const std::vector<StoredKey>& own);

// One signer of an envelope, judged. `valid` false: `why` says unknown, revoked, expired, not yet valid, or
// out of scope.
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
