#include "core/evidence/trust.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"
#include "core/evidence/sigstore/certified.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::string_view kVersion = "signalbox/trust/v1";
const std::vector<std::string> kRoles = {"builder", "gate", "approver", "log", "witness", "root"};
const std::vector<std::string> kIdentityRoles = {"builder", "gate"};
constexpr std::size_t kMaxIdentities = 1'000;

Result<std::optional<Time>> optional_time(const config::Node& node) {
  if (!node.exists()) return std::optional<Time>();
  SIGNALBOX_TRY(const Time time, node.time());
  return std::optional<Time>(time);
}

Result<PublicKey> parse_key(const config::Node& node) {
  if (node["vkey"].exists() == node["pem"].exists()) return node.wrong("a key has either vkey or pem");
  if (node["vkey"].exists()) {
    SIGNALBOX_TRY(const std::string text, node["vkey"].text());
    auto key = parse_vkey(text);
    if (!key) return node["vkey"].wrong(key.error().message, key.error().hint);
    return key;
  }
  SIGNALBOX_TRY(const std::string text, node["pem"].text());
  SIGNALBOX_TRY(const std::string name, node["name"].text());
  auto key = parse_public_key(text, name);
  if (!key) return node["pem"].wrong(key.error().message, key.error().hint);
  return key;
}

Result<Terms> parse_terms(const config::Node& node, const std::vector<std::string>& roles) {
  Terms out;
  SIGNALBOX_TRY(out.roles, node["roles"].texts());
  for (const std::string& role : out.roles) {
    if (std::find(roles.begin(), roles.end(), role) != roles.end()) continue;
    return node["roles"].wrong(fmt::format("there is no role {}", printable(role)),
                               "roles are " + join(roles, ", "));
  }
  SIGNALBOX_TRY(out.not_before, optional_time(node["not_before"]));
  SIGNALBOX_TRY(out.not_after, optional_time(node["not_after"]));
  SIGNALBOX_TRY(out.revoked_at, optional_time(node["revoked_at"]));
  if (node["reason"].exists()) {
    SIGNALBOX_TRY(out.revocation_reason, node["reason"].text());
  }
  if (node["retroactive"].exists()) {
    SIGNALBOX_TRY(out.retroactive, node["retroactive"].boolean());
  }
  if (node["types"].exists()) {
    SIGNALBOX_TRY(out.types, node["types"].texts());
  }
  if (node["subjects"].exists()) {
    SIGNALBOX_TRY(out.subjects, node["subjects"].texts());
  }
  return out;
}

Result<TrustedKey> parse_trusted_key(const config::Node& node) {
  SIGNALBOX_CHECK(node.only({"vkey", "pem", "name", "roles", "not_before", "not_after", "revoked_at",
                             "reason", "retroactive", "types", "subjects"}));
  SIGNALBOX_TRY(PublicKey key, parse_key(node));
  SIGNALBOX_TRY(Terms terms, parse_terms(node, kRoles));
  return TrustedKey{std::move(terms), prepared(std::move(key))};
}

// Whether a pattern says whose subjects they are: "https://host/x…", or "…@host" without a scheme.
bool is_anchored(std::string_view glob) {
  const std::string_view head = glob.substr(0, glob.find_first_of("*?"));
  if (const std::size_t scheme = glob.find("://"); scheme != std::string_view::npos) {
    const std::size_t slash = head.find('/', scheme + 3);
    return slash != std::string_view::npos && slash + 1 < head.size();
  }
  const std::size_t at = glob.rfind('@');
  return at != std::string_view::npos && at + 1 < glob.size() &&
         glob.find_first_of("*?", at) == std::string_view::npos;
}

Result<TrustedIdentity> parse_identity(const config::Node& node) {
  SIGNALBOX_CHECK(node.only({"issuer", "subject", "subject_glob", "roles", "not_before", "not_after",
                             "revoked_at", "reason", "retroactive", "types", "subjects"}));
  if (node["subject"].exists() == node["subject_glob"].exists())
    return node.wrong("an identity has either subject or subject_glob",
                      "subject: the whole e-mail address or URI of the certificate");
  SIGNALBOX_TRY(Terms terms, parse_terms(node, kIdentityRoles));
  TrustedIdentity out{std::move(terms), {}, {}, TrustedIdentity::Fit::exact};
  SIGNALBOX_TRY(out.issuer, node["issuer"].text());
  if (out.issuer.empty()) return node["issuer"].wrong("it is empty");
  if (node["subject"].exists()) {
    SIGNALBOX_TRY(out.subject, node["subject"].text());
    return out;
  }
  out.fit = TrustedIdentity::Fit::glob;
  SIGNALBOX_TRY(out.subject, node["subject_glob"].text());
  if (!is_anchored(out.subject)) {
    return node["subject_glob"].wrong(
        "it fits strangers",
        "up to the first wildcard it names a host and what follows it, or it ends in @ and a host");
  }
  return out;
}

// The document itself stands there, not where it lies: what a release goes by must not change beside it.
Status parse_identities(const config::Node& document, Trust& trust) {
  const std::vector<config::Node> items = document["identities"].items();
  if (items.size() > kMaxIdentities)
    return document["identities"].wrong(fmt::format("more than {} of them", kMaxIdentities));
  for (const config::Node& node : items) {
    SIGNALBOX_TRY(TrustedIdentity identity, parse_identity(node));
    trust.identities.push_back(std::move(identity));
  }
  const config::Node root = document["trusted_root"];
  if (trust.identities.empty() && !root.exists()) return {};
  if (!root.is_map()) {
    return root.wrong("identities are believed by the trusted_root of a Sigstore deployment",
                      "trusted_root: the whole of trusted_root.json, which is YAML too");
  }
  auto parsed = sigstore::parse_trusted_root(root.to_json());
  if (!parsed) return root.wrong(parsed.error().message, parsed.error().hint);
  trust.sigstore_root = std::make_shared<const sigstore::TrustedRoot>(std::move(*parsed));
  return {};
}

bool has_role(const TrustedKey& key, std::string_view role) {
  return std::find(key.roles.begin(), key.roles.end(), role) != key.roles.end();
}

bool is_witness(const TrustedKey& key) {
  return key.key.algorithm == PublicKey::Algorithm::cosignature && has_role(key, "witness");
}

// How many of those of a kind are asked for: what can never be had is a slip.
Result<int> parse_quorum(const config::Node& node, std::ptrdiff_t all, std::string_view kind,
                         std::string hint) {
  if (!node.exists()) return 0;
  SIGNALBOX_TRY(const std::int64_t wanted, node.integer());
  if (wanted < 0 || wanted > all)
    return node.wrong(fmt::format("{} {} are wanted, and {} are trusted", wanted, kind, all),
                      std::move(hint));
  return static_cast<int>(wanted);
}

bool is_root(const TrustedKey& key) {
  return has_role(key, "root") && !key.revoked_at && !key.key.vkey().empty();
}

Status parse_quorums(const config::Node& document, Trust& trust) {
  SIGNALBOX_TRY(
      trust.witnesses,
      parse_quorum(
          document["witnesses"], std::count_if(trust.keys.begin(), trust.keys.end(), is_witness), "witnesses",
          "a witness is a key of the role witness, as 'signalbox evidence witness list' prints it there"));
  SIGNALBOX_TRY(
      trust.roots,
      parse_quorum(document["roots"], std::count_if(trust.keys.begin(), trust.keys.end(), is_root),
                   "root keys", "a root key is an Ed25519 key of the role root that is not revoked"));
  return {};
}

bool any_match(const std::vector<std::string>& globs, std::string_view text) {
  return std::any_of(globs.begin(), globs.end(),
                     [text](const std::string& glob) { return glob_match(glob, text); });
}

// Why this key's word does not count at that time, whatever it is about; empty where it does.
std::string objection_in_time(const Terms& key, Time integrated) {
  if (key.revoked_at && (key.retroactive || integrated >= *key.revoked_at)) {
    return fmt::format("revoked at {}{}{}", to_rfc3339(*key.revoked_at),
                       key.revocation_reason.empty() ? "" : ": ", printable(key.revocation_reason));
  }
  if (key.not_before && integrated < *key.not_before)
    return "not yet valid, only from " + to_rfc3339(*key.not_before);
  if (key.not_after && integrated >= *key.not_after) return "expired at " + to_rfc3339(*key.not_after);
  return {};
}

std::string objection(const Terms& key, Time integrated, const std::string& type,
                      const std::vector<std::string>& subject_names) {
  if (std::string why = objection_in_time(key, integrated); !why.empty()) return why;
  if (!key.types.empty() && !any_match(key.types, type))
    return "out of scope: may not sign " + printable(type);
  if (!key.subjects.empty()) {
    for (const std::string& name : subject_names) {
      if (!any_match(key.subjects, name))
        return fmt::format("out of scope: may not speak of \"{}\"", printable(name));
    }
  }
  return {};
}

// A signature of no trusted key: what its hint says about it.
Signer stranger(const Signature& signature, const Trust& trust) {
  const auto hinted = std::find_if(trust.keys.begin(), trust.keys.end(),
                                   [&](const TrustedKey& key) { return key.key.id() == signature.keyid; });
  if (hinted != trust.keys.end())
    return {hinted->key, hinted->roles, false, "the signature does not fit what is signed"};
  PublicKey nobody;
  nobody.name =
      signature.keyid.empty() ? "unknown" : printable(std::string_view(signature.keyid).substr(0, 80));
  return {std::move(nobody), {}, false, "unknown key"};
}

bool fits(const TrustedIdentity& identity, const sigstore::Certified& by) {
  if (identity.issuer != by.issuer) return false;
  return identity.fit == TrustedIdentity::Fit::exact ? identity.subject == by.subject
                                                     : glob_match(identity.subject, by.subject);
}

// The signer whom a certificate names. Of several identities that fit, those count that have no objection.
Signer certified_signer(const Envelope& envelope, const Trust& trust, Time integrated,
                        const std::string& type, const std::vector<std::string>& subject_names) {
  Signer out;
  out.key.name = "Sigstore";
  if (!trust.sigstore_root) {
    out.why = "trust names no identities, so no certificate counts";
    return out;
  }
  auto by = sigstore::check_certified(envelope, *trust.sigstore_root);
  if (!by) {
    out.why = printable(by.error().message);
    return out;
  }
  out.key = {fmt::format("{} ({})", by->subject, by->issuer), by->key, PublicKey::Algorithm::certified};
  out.why = "unknown identity";
  for (const TrustedIdentity& identity : trust.identities) {
    if (!fits(identity, *by)) continue;
    std::string why = objection(identity, integrated, type, subject_names);
    if (!why.empty()) {
      if (!out.valid) out.why = std::move(why);
      continue;
    }
    out.valid = true;
    out.why.clear();
    for (const std::string& role : identity.roles) {
      if (std::find(out.roles.begin(), out.roles.end(), role) == out.roles.end()) out.roles.push_back(role);
    }
  }
  return out;
}

}  // namespace

Result<Trust> parse_trust(const config::Node& document) {
  SIGNALBOX_CHECK(document.only({"version", "keys", "witnesses", "roots", "identities", "trusted_root"}));
  if (document["version"].exists()) {
    SIGNALBOX_TRY(const std::string version, document["version"].text());
    if (version != kVersion) return document["version"].wrong(fmt::format("it is not {}", kVersion));
  }
  Trust trust;
  for (const config::Node& node : document["keys"].items()) {
    SIGNALBOX_TRY(TrustedKey key, parse_trusted_key(node));
    const bool twice = std::any_of(trust.keys.begin(), trust.keys.end(),
                                   [&](const TrustedKey& other) { return other.key.same_key(key.key); });
    if (twice) return node.wrong("the same key stands there twice", "one entry a key, with all its roles");
    trust.keys.push_back(std::move(key));
  }
  SIGNALBOX_CHECK(parse_identities(document, trust));
  if (trust.keys.empty() && trust.identities.empty())
    return document.wrong("trusts no key", "keys: [{vkey: …, roles: [builder]}]");
  SIGNALBOX_CHECK(parse_quorums(document, trust));
  trust.digest = to_hex(sha256(document.to_json().canonical()));
  return trust;
}

std::vector<PublicKey> witnesses_of(const Trust& trust, Time at) {
  std::vector<PublicKey> out;
  for (const TrustedKey& key : trust.keys) {
    if (is_witness(key) && objection(key, at, {}, {}).empty()) out.push_back(key.key);
  }
  return out;
}

std::string objection_to_log(const Trust& trust, const PublicKey& log, Time at) {
  const auto named = std::find_if(trust.keys.begin(), trust.keys.end(),
                                  [&](const TrustedKey& key) { return key.key.same_key(log); });
  return named == trust.keys.end() ? std::string() : objection_in_time(*named, at);
}

std::vector<PublicKey> log_keys_of(const Trust& trust, Time at) {
  std::vector<PublicKey> out;
  for (const TrustedKey& key : trust.keys) {
    if (has_role(key, "log") && objection_in_time(key, at).empty()) out.push_back(key.key);
  }
  return out;
}

std::vector<PublicKey> past_log_keys_of(const Trust& trust) {
  std::vector<PublicKey> out;
  for (const TrustedKey& key : trust.keys) {
    if (has_role(key, "log") && !(key.revoked_at && key.retroactive)) out.push_back(key.key);
  }
  return out;
}

Trust self_trust(const std::vector<PublicKey>& own) {
  Trust trust;
  trust.self_trusted = true;
  for (const PublicKey& key : own) {
    TrustedKey trusted;
    trusted.key = prepared(key);
    trusted.roles = {"builder", "gate"};
    trust.keys.push_back(std::move(trusted));
  }
  return trust;
}

Trust self_trust(const std::vector<StoredKey>& own) {
  Trust trust;
  trust.self_trusted = true;
  for (const StoredKey& stored : own) {
    TrustedKey trusted;
    trusted.key = prepared(stored.key);
    trusted.roles = stored.roles;
    trusted.revoked_at = stored.revoked_at;
    trusted.revocation_reason = stored.revocation_reason;
    trusted.retroactive = stored.retroactive;
    trust.keys.push_back(std::move(trusted));
  }
  return trust;
}

Result<Trust> trust_of(const Workspace& workspace) {
  SIGNALBOX_TRY(const config::Node node, section(workspace, "trust"));
  if (node.exists()) return parse_trust(node);
  SIGNALBOX_TRY(const std::vector<StoredKey> own, KeyStore(keys_directory()).stored());
  return self_trust(own);
}

std::string objection_to(const TrustedKey& key, Time integrated, const Statement& statement) {
  std::vector<std::string> names;
  for (const Subject& subject : statement.subjects) names.push_back(subject.name);
  return objection(key, integrated, statement.predicate_type, names);
}

std::vector<Signer> judge_signers(const Envelope& envelope, const Trust& trust, Time integrated,
                                  const std::string& predicate_type,
                                  const std::vector<std::string>& subject_names) {
  std::vector<PublicKey> known;
  for (const TrustedKey& key : trust.keys) known.push_back(key.key);
  std::vector<Signer> out;
  for (const PublicKey& key : verified_by(envelope, known)) {
    const auto trusted = std::find_if(trust.keys.begin(), trust.keys.end(),
                                      [&](const TrustedKey& other) { return other.key.same_key(key); });
    std::string why = objection(*trusted, integrated, predicate_type, subject_names);
    const bool valid = why.empty();
    out.push_back({key, trusted->roles, valid, std::move(why)});
  }
  if (out.empty() && !envelope.verification_material.empty())
    return {certified_signer(envelope, trust, integrated, predicate_type, subject_names)};
  const std::size_t good = out.size();
  for (const Signature& signature : envelope.signatures) {
    const bool counted =
        std::any_of(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(good),
                    [&](const Signer& signer) { return signer.key.id() == signature.keyid; });
    if (!counted && good < envelope.signatures.size()) out.push_back(stranger(signature, trust));
  }
  return out;
}

const Signer* valid_signer(const std::vector<Signer>& signers) {
  const auto found =
      std::find_if(signers.begin(), signers.end(), [](const Signer& signer) { return signer.valid; });
  return found == signers.end() ? nullptr : &*found;
}

}  // namespace signalbox::evidence
