// A bundle and the trusted root of a deployment in memory, kept from tests/e2e/sigstore_certificates.mjs,
// where Sigstore's own library accepts it: what it says, and what is said where a piece is missing or
// changed.
#include "core/evidence/sigstore/certified.hpp"

#include <functional>

#include <gtest/gtest.h>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/testing.hpp"
#include "core/evidence/bundle.hpp"
#include "core/evidence/trust.hpp"

namespace signalbox::evidence::sigstore {
namespace {

constexpr std::string_view kSubject =
    "https://github.com/shop/shop/.github/workflows/release.yml@refs/heads/main";
constexpr std::string_view kIssuer = "https://token.actions.githubusercontent.com";
constexpr std::string_view kType = "https://slsa.dev/provenance/v1";

Json kept(const std::string& name) {
  const auto text =
      read_file(signalbox::testing::source_directory() / "src/core/evidence/testdata/sigstore" / name);
  return parse_json(text.value()).value();
}

// The member at a path of names and numbers: "tlogEntries/0/inclusionProof".
Json& at(Json& document, std::string_view path) {
  Json* value = &document;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    if (value->is_array()) {
      value = &value->items().at(static_cast<std::size_t>(name.front() - '0'));
      continue;
    }
    for (Json::Member& member : value->members()) {
      if (member.first == name) {
        value = &member.second;
        break;
      }
    }
  }
  return *value;
}

class CertifiedBundle : public ::testing::Test {
 protected:
  Result<Certified> judged() const {
    SIGNALBOX_TRY(const TrustedRoot root, parse_trusted_root(root_));
    SIGNALBOX_TRY(const Envelope envelope, parse_sigstore_bundle(bundle_.dump()));
    return check_certified(envelope, root);
  }
  std::string objection() const {
    const auto found = judged();
    return found ? std::string() : found.error().message;
  }
  Json& material(std::string_view path) { return at(at(bundle_, "verificationMaterial"), path); }
  static void flip(Json& octets, std::size_t byte) {
    std::string text = from_base64(octets.as_string()).value();
    text.at(byte) = static_cast<char>(text.at(byte) ^ 4);
    octets = to_base64(text);
  }

  Json bundle_ = kept("bundle.json");
  Json root_ = kept("trusted_root.json");
};

TEST_F(CertifiedBundle, SaysWhoSignedAndWhenTheLogTookItIn) {
  const auto found = judged();
  ASSERT_TRUE(found) << found.error().message;
  EXPECT_EQ(found->subject, kSubject);
  EXPECT_EQ(found->issuer, kIssuer);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(found->signed_at.time_since_epoch());
  EXPECT_EQ(std::to_string(seconds.count()), material("tlogEntries/0/integratedTime").as_string());
}

TEST_F(CertifiedBundle, IsTheSameWhereItWasWrittenAgain) {
  const auto envelope = parse_sigstore_bundle(bundle_.dump());
  ASSERT_TRUE(envelope);
  const auto logged = parse_envelope(write_envelope(*envelope));
  ASSERT_TRUE(logged);
  EXPECT_EQ(parse_json(write_sigstore_bundle(*logged, "")).value(), bundle_);
}

TEST_F(CertifiedBundle, NamesEachPieceThatIsMissing) {
  material("tlogEntries") = Json::array();
  EXPECT_EQ(objection(), "log entry: there is none, and the trust root names logs");
  material("timestampVerificationData") = Json();
  EXPECT_NE(objection().find("log entry: there is none"), std::string::npos) << objection();
  EXPECT_NE(objection().find("; time: neither"), std::string::npos) << objection();
  material("certificate") = Json();
  EXPECT_FALSE(judged());
}

TEST_F(CertifiedBundle, NamesEachPieceThatDoesNotHold) {
  flip(at(bundle_, "dsseEnvelope/payload"), 5);
  flip(material("timestampVerificationData/rfc3161Timestamps/0/signedTimestamp"), 200);
  const std::string found = objection();
  EXPECT_NE(found.find("log entry: body: another payload was logged"), std::string::npos) << found;
  EXPECT_NE(found.find("timestamp: "), std::string::npos) << found;
  EXPECT_NE(found.find("signature: it is not by the key of the certificate"), std::string::npos) << found;
}

TEST_F(CertifiedBundle, DoesNotHoldWithAChangedOctetAnywhere) {
  const std::vector<std::string> paths = {"certificate/rawBytes",
                                          "tlogEntries/0/logId/keyId",
                                          "tlogEntries/0/inclusionPromise/signedEntryTimestamp",
                                          "tlogEntries/0/inclusionProof/rootHash",
                                          "tlogEntries/0/inclusionProof/hashes/0",
                                          "tlogEntries/0/inclusionProof/hashes/2",
                                          "tlogEntries/0/canonicalizedBody"};
  for (const std::string& path : paths) {
    const Json whole = bundle_;
    const std::size_t size = from_base64(material(path).as_string()).value().size();
    for (std::size_t byte = 0; byte < size; byte += 1 + size / 40) {
      bundle_ = whole;
      flip(material(path), byte);
      EXPECT_FALSE(judged()) << path << ", octet " << byte;
    }
    bundle_ = whole;
  }
}

TEST_F(CertifiedBundle, GoesByTheRootAlone) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"tlogs", "log entry: of a log that the trust root does not name"},
      {"ctlogs", ""},
      {"timestampAuthorities", "timestamp: the trust root names no authority"},
      {"certificateAuthorities", "$.certificateAuthorities: there is none"}};
  for (const auto& [member, says] : cases) {
    const Json whole = root_;
    root_.set(member, Json::array());
    if (says.empty()) {
      EXPECT_TRUE(judged()) << "a root without certificate logs asks for no SCT";
    } else {
      EXPECT_NE(objection().find(says), std::string::npos) << member << ": " << objection();
    }
    root_ = whole;
  }
  const Json logs = at(root_, "tlogs");
  at(root_, "tlogs") = at(root_, "ctlogs");
  at(root_, "ctlogs") = logs;
  EXPECT_NE(objection().find("does not name"), std::string::npos);
}

TEST_F(CertifiedBundle, HasAnAuthorityAndLogsInUseWhenItWasSigned) {
  for (const char* path : {"tlogs/0/publicKey/validFor", "ctlogs/0/publicKey/validFor",
                           "timestampAuthorities/0/validFor", "certificateAuthorities/0/validFor"}) {
    const Json whole = root_;
    at(root_, path).set("end", "2020-01-01T00:00:00Z");
    EXPECT_FALSE(judged()) << path;
    root_ = whole;
  }
}

TEST_F(CertifiedBundle, OfAVersionHoldsWhatThatVersionHas) {
  at(bundle_, "verificationMaterial/tlogEntries/0").set("inclusionProof", Json());
  EXPECT_NE(objection().find("inclusionProof: there is none"), std::string::npos) << objection();
  bundle_.set("mediaType", "application/vnd.dev.sigstore.bundle+json;version=0.1");
  EXPECT_TRUE(judged()) << objection();
}

TEST(SigstoreRoot, IsRefusedWithThePlaceWhereItCannotBeRead) {
  const std::vector<std::pair<std::string, Json>> cases = {
      {"mediaType", "text/plain"},
      {"certificateAuthorities", Json::object()},
      {"certificateAuthorities/0/certChain/certificates", Json::array()},
      {"certificateAuthorities/0/certChain/certificates/0/rawBytes", "AAAA"},
      {"certificateAuthorities/0/certChain/certificates/0/rawBytes", "no base64"},
      {"tlogs/0/publicKey/rawBytes", "AAAA"},
      {"tlogs/0/logId/keyId", ""},
      {"ctlogs/0/publicKey/validFor/start", "yesterday"},
      {"timestampAuthorities/0/validFor/start", 7}};
  for (const auto& [path, value] : cases) {
    Json document = kept("trusted_root.json");
    at(document, path) = value;
    const auto root = parse_trusted_root(document);
    ASSERT_FALSE(root) << path;
    EXPECT_EQ(root.error().kind, ErrorKind::bad_input) << path;
    EXPECT_TRUE(root.error().message.starts_with("$.")) << root.error().message;
  }
  EXPECT_FALSE(parse_trusted_root(Json()));
}

// ---- the identities of a trust file

Result<Trust> trust_of(const std::string& identities) {
  const std::string text =
      "identities:\n" + identities + "\ntrusted_root: " + kept("trusted_root.json").dump() + "\n";
  SIGNALBOX_TRY(const config::Node node, config::parse_yaml(text, "trust.yaml"));
  return parse_trust(node);
}

Signer signer_under(const std::string& identity,
                    Time logged = parse_rfc3339("2027-01-01T00:00:00Z").value()) {
  const auto trust = trust_of("  - {issuer: \"" + std::string(kIssuer) + "\", " + identity + "}");
  EXPECT_TRUE(trust) << identity << ": " << (trust ? "" : trust.error().message);
  const Envelope envelope = parse_sigstore_bundle(kept("bundle.json").dump()).value();
  const std::vector<Signer> found =
      judge_signers(envelope, trust.value_or(Trust()), logged, std::string(kType), {"app"});
  EXPECT_EQ(found.size(), 1U);
  return found.empty() ? Signer() : found.front();
}

TEST(SigstoreIdentity, CountsWhereSubjectAndIssuerFitWhole) {
  const std::string exact = "subject: \"" + std::string(kSubject) + "\", roles: [builder]";
  const Signer good = signer_under(exact);
  EXPECT_TRUE(good.valid) << good.why;
  EXPECT_EQ(good.roles, std::vector<std::string>{"builder"});
  EXPECT_EQ(good.key.name, std::string(kSubject) + " (" + std::string(kIssuer) + ")");
  for (const char* glob :
       {"https://github.com/shop/shop/.github/workflows/*@refs/heads/main", "https://github.com/shop/**"})
    EXPECT_TRUE(signer_under("subject_glob: \"" + std::string(glob) + "\", roles: [gate]").valid) << glob;
  const std::vector<std::string> strangers = {
      "subject: \"https://github.com/shop/shop\", roles: [builder]",
      "subject_glob: \"https://github.com/shop/*\", roles: [builder]",
      "subject_glob: \"https://github.com/shop/shop/.github/workflows/*@refs/heads\", roles: [builder]",
      "subject: \"" + std::string(kSubject) + "x\", roles: [builder]"};
  for (const std::string& one : strangers) EXPECT_EQ(signer_under(one).why, "unknown identity") << one;
}

TEST(SigstoreIdentity, HasTheBoundsThatKeysHave) {
  const std::string exact = "subject: \"" + std::string(kSubject) + "\", roles: [builder], ";
  EXPECT_EQ(signer_under(exact + "not_after: 2026-12-31T00:00:00Z").why, "expired at 2026-12-31T00:00:00Z");
  EXPECT_EQ(signer_under(exact + "not_before: 2027-01-02T00:00:00Z").why,
            "not yet valid, only from 2027-01-02T00:00:00Z");
  EXPECT_EQ(signer_under(exact + "revoked_at: 2026-12-31T00:00:00Z, reason: left").why,
            "revoked at 2026-12-31T00:00:00Z: left");
  EXPECT_NE(signer_under(exact + "types: [\"https://signalbox.dev/**\"]").why.find("out of scope"),
            std::string::npos);
  EXPECT_NE(signer_under(exact + "subjects: [\"lib*\"]").why.find("out of scope"), std::string::npos);
  EXPECT_TRUE(signer_under(exact + "subjects: [\"a*\"]").valid);
}

TEST(SigstoreIdentity, IsRefusedWithThePlaceWhereItWouldLetStrangersIn) {
  const std::vector<std::string> cases = {
      "  - {issuer: i, subject: s, subject_glob: s, roles: [builder]}",
      "  - {issuer: i, roles: [builder]}",
      "  - {subject: s, roles: [builder]}",
      "  - {issuer: i, subject: s, roles: [approver]}",
      "  - {issuer: i, subject: s, roles: [log]}",
      "  - {issuer: i, subject: s, roles: [builder], regexp: x}",
      "  - {issuer: i, subject_glob: '**', roles: [builder]}",
      "  - {issuer: i, subject_glob: 'https://**', roles: [builder]}",
      "  - {issuer: i, subject_glob: 'https://github.com/**', roles: [builder]}",
      "  - {issuer: i, subject_glob: 'https://github.com*/shop/x', roles: [builder]}",
      "  - {issuer: i, subject_glob: 'ada@*.com', roles: [builder]}",
      "  - {issuer: i, subject_glob: '*@', roles: [builder]}"};
  for (const std::string& one : cases) {
    const auto trust = trust_of(one);
    ASSERT_FALSE(trust) << one;
    EXPECT_TRUE(trust.error().message.starts_with("trust.yaml:")) << trust.error().message;
  }
  EXPECT_TRUE(trust_of("  - {issuer: i, subject_glob: '*@example.com', roles: [builder]}"));
}

TEST(SigstoreIdentity, NeedsARootAndTheRootStandsInTheFile) {
  const auto parsed = [](const std::string& text) -> Result<Trust> {
    SIGNALBOX_TRY(const config::Node node, config::parse_yaml(text, "trust.yaml"));
    return parse_trust(node);
  };
  const std::string identity = "identities: [{issuer: i, subject: s, roles: [builder]}]\n";
  EXPECT_FALSE(parsed(identity));
  EXPECT_FALSE(parsed(identity + "trusted_root: trusted_root.json\n"));
  EXPECT_FALSE(parsed(identity + "trusted_root: {mediaType: x}\n"));
}

}  // namespace
}  // namespace signalbox::evidence::sigstore
