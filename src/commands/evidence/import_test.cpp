#include "commands/evidence/command_fixture.hpp"
#include "core/evidence/bundle.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

class Import : public CommandTest {
 protected:
  ev::Envelope provenance() const {
    return ev::sign_envelope(
        ev::kPayloadType,
        R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"app","digest":{"sha256":")" +
            std::string(64, 'c') +
            R"("}}],"predicateType":"https://slsa.dev/provenance/v1","predicate":{"buildDefinition":{}}})",
        {&key_});
  }
  std::size_t logged() { return run({"query"}).data["entries"].size(); }

  const ev::SigningKey key_ = ev::SigningKey::generate("their-builder");
  const std::string vkey_ = key_.public_key().vkey();
};

TEST_F(Import, AnEnvelopeAndASigstoreBundleOfATrustedKeyAreLoggedOnceWithTheirOwnSignature) {
  const std::string lines = write("a.intoto.jsonl", ev::write_envelope(provenance()) + "\n");
  const std::string bundle = write("b.sigstore.json", ev::write_sigstore_bundle(provenance(), "k"));
  const Ran ran = run({"import", lines, bundle, "--key", vkey_});
  ASSERT_EQ(ran.code, 0) << ran.text;
  EXPECT_NE(ran.text.find("were not looked at"), std::string::npos) << ran.text;
  const std::string out = made({"bundle", "0"});
  EXPECT_EQ(
      run({"verify", write("out.json", made({"unbundle", write("in.json", out)})), "--key", vkey_}).code, 0);
  EXPECT_EQ(logged(), 1U);
}

TEST_F(Import, ProvenanceOldAndNewTestResultsAndVerificationSummariesAreFoundByTheirTypes) {
  const std::vector<std::pair<std::string, std::string>> kinds = {
      {"https://in-toto.io/Statement/v0.1", "https://slsa.dev/provenance/v0.2"},
      {"https://in-toto.io/Statement/v1", "https://slsa.dev/provenance/v1"},
      {"https://in-toto.io/Statement/v1", "https://in-toto.io/attestation/test-result/v0.1"},
      {"https://in-toto.io/Statement/v1", "https://slsa.dev/verification_summary/v1"}};
  std::string lines;
  for (const auto& [statement, type] : kinds) {
    const std::string payload = R"({"_type":")" + statement +
                                R"(","subject":[{"name":"app","digest":{"sha256":")" + std::string(64, 'c') +
                                R"("}}],"predicateType":")" + type + R"(","predicate":{"result":"PASSED"}})";
    lines += ev::write_envelope(ev::sign_envelope(ev::kPayloadType, payload, {&key_})) + "\r\n";
  }
  const Ran ran = run({"import", write("all.intoto.jsonl", lines), "--key", vkey_});
  ASSERT_EQ(ran.code, 0) << ran.text;
  for (const auto& [statement, type] : kinds)
    EXPECT_EQ(
        run({"query", "--type", type, "--subject", "sha256:" + std::string(64, 'c')}).data["entries"].size(),
        1U)
        << type;
}

TEST_F(Import, WhatNoTrustedKeySignedIsNotLoggedNorWhatStandsBesideIt) {
  const std::string good = write("good", ev::write_envelope(provenance()));
  ev::Envelope changed = provenance();
  changed.signatures.front().octets = flip(changed.signatures.front().octets, 3);
  const std::string bad = write("bad", ev::write_sigstore_bundle(changed, "k"));
  ASSERT_EQ(run({"log", "init"}).code, 0);
  EXPECT_EQ(run({"import", good, bad, "--key", vkey_}).code, 1);
  EXPECT_EQ(run({"import", good}).code, 1);
  EXPECT_EQ(run({"import", good, "--key", vkey_, "--type", "https://slsa.dev/verification_summary/v1"}).code,
            1);
  EXPECT_EQ(run({"import", write("no", "{}"), "--key", vkey_}).code, 2);
  EXPECT_EQ(run({"import", write("empty", ""), "--key", vkey_}).code, 2);
  EXPECT_EQ(logged(), 0U);
}

}  // namespace
}  // namespace signalbox::evidence_command
