#include "core/evidence/admission.hpp"

#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::size_t kMaxNamed = 4;  // signers of one envelope that an error tells of
constexpr std::size_t kMaxShownId = 80;

Error refusal(std::string why) {
  return {ErrorKind::bad_input, std::move(why),
          "evidence.admit is trusted: sign it with a key that `trust` of the log's signalbox.yaml holds "
          "valid, or add the key there (signalbox evidence key export NAME --format vkey prints it)"};
}

// Keys and identities of a trust file, the keys with their ids at hand.
class TrustedKeys {
 public:
  TrustedKeys(Trust trust, const Clock& clock) : clock_(clock), identities_(std::move(trust)) {
    for (TrustedKey& key : std::exchange(identities_.keys, {})) {
      // The key of a witness signs checkpoints and nothing else.
      if (key.key.algorithm == PublicKey::Algorithm::cosignature) continue;
      std::string id = key.key.id();
      keys_.push_back({std::move(key), std::move(id)});
    }
  }

  Status admit(const Envelope& envelope, const Statement& statement) const {
    Trial trial{pre_authentication_encoding(envelope.payload_type, envelope.payload), statement,
                clock_.now()};
    for (const Hint hint : {Hint::names_the_key, Hint::names_another}) {
      for (const Signature& signature : envelope.signatures) {
        for (const Known& key : keys_) {
          if ((key.id == signature.keyid) != (hint == Hint::names_the_key)) continue;
          if (trial.done == kMaxTrials) return fail(too_many(envelope));
          if (counts(key, signature, trial)) return {};
        }
      }
    }
    if (trial.objections.empty() && !envelope.verification_material.empty())
      return admit_certified(envelope, statement, trial.now);
    return fail(refusal("signed by no key that counts here: " + signers(envelope, trial)));
  }

 private:
  enum class Hint { names_the_key, names_another };
  struct Known {
    TrustedKey trusted;
    std::string id;
  };
  // An envelope on trial: what was found out about it so far.
  struct Trial {
    std::string message;
    const Statement& statement;
    Time now;
    std::size_t done = 0;
    std::vector<std::pair<const Known*, std::string>> objections = {};  // of keys that did sign it
  };

  static bool counts(const Known& key, const Signature& signature, Trial& trial) {
    ++trial.done;
    if (!verify(key.trusted.key, trial.message, signature.octets)) return false;
    std::string why = objection_to(key.trusted, trial.now, trial.statement);
    if (why.empty()) return true;
    trial.objections.emplace_back(&key, std::move(why));
    return false;
  }

  Status admit_certified(const Envelope& envelope, const Statement& statement, Time now) const {
    std::vector<std::string> names;
    for (const Subject& subject : statement.subjects) names.push_back(subject.name);
    const std::vector<Signer> signers =
        judge_signers(envelope, identities_, now, statement.predicate_type, names);
    if (valid_signer(signers) != nullptr) return {};
    const Signer& signer = signers.front();
    return fail(refusal(fmt::format("signed by no identity that counts here: {}: {}",
                                    printable(signer.key.name), signer.why)));
  }

  Error too_many(const Envelope& envelope) const {
    return refusal(
        fmt::format("{} signatures and {} trusted keys: more than {} verifications would be "
                    "needed to find one that fits; let `keyid` name the key",
                    envelope.signatures.size(), keys_.size(), kMaxTrials));
  }

  // Each signer by name and id, with why it does not count. What no key verified is known by its hint alone.
  std::string signers(const Envelope& envelope, const Trial& trial) const {
    std::vector<std::string> out;
    for (const auto& [key, why] : trial.objections) out.push_back(text_of(*key) + ": " + why);
    for (const Signature& signature : envelope.signatures) {
      const Known* const named = with_id(signature.keyid);
      if (named != nullptr && is_among(trial, *named)) continue;
      const std::string hint = printable(std::string_view(signature.keyid).substr(0, kMaxShownId));
      out.push_back(named != nullptr ? text_of(*named) + ": the signature does not fit what is signed"
                    : hint.empty()   ? "a signature without key id: unknown key"
                                     : hint + ": unknown key");
    }
    const std::size_t more = out.size() > kMaxNamed ? out.size() - kMaxNamed : 0;
    out.resize(out.size() - more);
    return join(out, "; ") + (more > 0 ? fmt::format("; and {} more", more) : "");
  }

  static std::string text_of(const Known& key) {
    return fmt::format("{} ({})", printable(key.trusted.key.name), key.id);
  }

  static bool is_among(const Trial& trial, const Known& key) {
    for (const auto& [objected, why] : trial.objections) {
      if (objected == &key) return true;
    }
    return false;
  }

  const Known* with_id(std::string_view id) const {
    for (const Known& key : keys_) {
      if (key.id == id) return &key;
    }
    return nullptr;
  }

  const Clock& clock_;
  Trust identities_;  // what is trusted besides keys
  std::vector<Known> keys_;
};

}  // namespace

Result<Admit> parse_admit(const config::Node& section) {
  const config::Node node = section["admit"];
  if (!node.exists()) return Admit::any;
  SIGNALBOX_TRY(const std::string value, node.text());
  if (value == "any") return Admit::any;
  if (value == "trusted") return Admit::trusted;
  return node.wrong(fmt::format("`{}` is neither any nor trusted", printable(value)));
}

Admission admit_trusted(Trust trust, const Clock& clock) {
  return
      [keys = std::make_shared<const TrustedKeys>(std::move(trust), clock)](
          const Envelope& envelope, const Statement& statement) { return keys->admit(envelope, statement); };
}

Result<Admission> admission_of(const Workspace& workspace, const Clock& clock) {
  SIGNALBOX_TRY(const config::Node evidence, section(workspace, "evidence"));
  SIGNALBOX_TRY(const Admit admit, parse_admit(evidence));
  if (admit == Admit::any) return Admission();
  SIGNALBOX_TRY(Trust trust, trust_of(workspace));
  return admit_trusted(std::move(trust), clock);
}

}  // namespace signalbox::evidence
