// evidence.admit: trusted, with a bundle that a certificate signed: kept from a deployment in memory, as
// sigstore/certified_test.cpp has it.
#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/testing.hpp"
#include "core/evidence/admission.hpp"
#include "core/evidence/bundle.hpp"
#include "core/evidence/ledger.hpp"

namespace signalbox::evidence {
namespace {

const std::string kSubject = "https://github.com/shop/shop/.github/workflows/release.yml@refs/heads/main";
const std::string kIssuer = "https://token.actions.githubusercontent.com";
const std::string kNobody = "signed by no identity that counts here: " + kSubject + " (" + kIssuer + "): ";

std::string kept(const std::string& name) {
  return read_file(signalbox::testing::source_directory() / "src/core/evidence/testdata/sigstore" / name)
      .value();
}

class CertifiedAdmission : public ::testing::Test {
 protected:
  CertifiedAdmission() {
    TrustedIdentity identity;
    identity.issuer = kIssuer;
    identity.subject = kSubject;
    identity.roles = {"builder"};
    trust_.identities = {identity};
    trust_.sigstore_root = std::make_shared<const sigstore::TrustedRoot>(
        sigstore::parse_trusted_root(parse_json(kept("trusted_root.json")).value()).value());
    envelope_ = parse_sigstore_bundle(kept("bundle.json")).value();
  }
  // Empty: admitted.
  std::string refusal() const {
    const auto candidate = read_candidate(write_envelope(envelope_), admit_trusted(trust_, clock_));
    if (candidate) return {};
    EXPECT_EQ(candidate.error().kind, ErrorKind::bad_input);
    return candidate.error().message;
  }
  Terms& terms() { return trust_.identities.front(); }

  const Time now_{std::chrono::seconds(1'795'700'000)};  // within a day after it was signed
  FixedClock clock_{now_};
  Trust trust_;
  Envelope envelope_;
};

TEST_F(CertifiedAdmission, WhatAnAllowedIdentitySignedIsAdmitted) {
  EXPECT_EQ(refusal(), "");
  TrustedKey key;
  key.key = SigningKey::generate("builder").public_key();
  trust_.keys = {key};
  EXPECT_EQ(refusal(), "") << "keys that did not sign it are no hindrance";
}

TEST_F(CertifiedAdmission, WhatAnotherSignedIsRefusedNamingWhoDid) {
  trust_.identities.front().subject =
      "https://github.com/bank/bank/.github/workflows/release.yml@refs/heads/main";
  EXPECT_EQ(refusal(), kNobody + "unknown identity");
  trust_.identities.front().subject = kSubject;
  trust_.identities.front().issuer = "https://issuer.example";
  EXPECT_EQ(refusal(), kNobody + "unknown identity");
  trust_.identities.clear();
  EXPECT_TRUE(refusal().starts_with("signed by no ")) << refusal();
}

TEST_F(CertifiedAdmission, AnIdentityCountsInItsTimeAndForWhatItMaySign) {
  terms().not_after = now_;
  EXPECT_TRUE(refusal().starts_with(kNobody + "expired at ")) << refusal();
  terms().not_after = now_ + Duration(1);
  EXPECT_EQ(refusal(), "");
  terms().revoked_at = now_;
  terms().revocation_reason = "left";
  EXPECT_TRUE(refusal().starts_with(kNobody + "revoked at ")) << refusal();
  terms().revoked_at.reset();
  terms().types = {"https://signalbox.dev/**"};
  EXPECT_TRUE(refusal().starts_with(kNobody + "out of scope")) << refusal();
  terms().types = {"https://slsa.dev/**"};
  terms().subjects = {"bank"};
  EXPECT_TRUE(refusal().starts_with(kNobody + "out of scope")) << refusal();
  terms().subjects = {"app"};
  EXPECT_EQ(refusal(), "");
}

TEST_F(CertifiedAdmission, WhatWasChangedSinceIsRefused) {
  const std::string signed_payload = envelope_.payload;
  envelope_.payload.replace(envelope_.payload.find("cccc"), 4, "dddd");
  EXPECT_TRUE(refusal().starts_with("signed by no identity that counts here: ")) << refusal();
  envelope_.payload = signed_payload;
  envelope_.signatures.front().octets.back() =
      static_cast<char>(envelope_.signatures.front().octets.back() ^ 1);
  EXPECT_TRUE(refusal().starts_with("signed by no identity that counts here: ")) << refusal();
  envelope_.verification_material.clear();
  EXPECT_TRUE(refusal().starts_with("signed by no key that counts here: ")) << refusal();
}

TEST_F(CertifiedAdmission, ALogTakesItAndNothingOfAStranger) {
  const TemporaryDirectory folder;
  const auto database = store::open_database("sqlite:" + (folder.path() / "a.db").string()).value();
  Ledger ledger = *Ledger::open(*database, clock_, SigningKey::generate("test-log"), std::nullopt,
                                admit_trusted(trust_, clock_));
  const auto taken = ledger.append({write_envelope(envelope_)});
  ASSERT_TRUE(taken) << taken.error().message;
  const SigningKey stranger = SigningKey::generate("stranger");
  EXPECT_FALSE(ledger.append({write_envelope(sign_envelope(kPayloadType, envelope_.payload, {&stranger}))}));
  EXPECT_EQ(ledger.size(), 1U);
  EXPECT_TRUE(ledger.audit()->failures.empty());
}

}  // namespace
}  // namespace signalbox::evidence
