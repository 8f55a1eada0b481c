#include <gtest/gtest.h>
#include <sys/stat.h>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/evidence/checkpoint.hpp"
#include "core/evidence/envelope.hpp"
#include "core/evidence/keys.hpp"
#include "core/evidence/statement.hpp"

namespace signalbox::evidence {
namespace {

constexpr std::string_view kCommit = "0123456789abcdef0123456789abcdef01234567";

Statement sample() {
  return {{{"head", {{"gitCommit", std::string(kCommit)}}}},
          "https://signalbox.dev/evidence/tests/v1",
          Json::object({{"tests", 3}})};
}

// DSSE protocol.md, "Test Vectors".
TEST(Envelope, PreAuthenticationEncodingIsThatOfTheSpecification) {
  EXPECT_EQ(pre_authentication_encoding("http://example.com/HelloWorld", "hello world"),
            "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
}

TEST(Envelope, WhatWasSignedVerifiesAndAnotherKeyOrOctetDoesNot) {
  const SigningKey key = SigningKey::generate("builder@here");
  const SigningKey other = SigningKey::generate("other");
  const std::string payload = *write_statement(sample());
  auto envelope = parse_envelope(write_envelope(sign_envelope(kPayloadType, payload, {&key})));
  ASSERT_TRUE(envelope) << envelope.error().message;
  EXPECT_EQ(envelope->payload, payload);
  EXPECT_EQ(verified_by(*envelope, {key.public_key(), other.public_key()}).size(), 1U);
  envelope->payload[0] ^= 1;
  EXPECT_TRUE(verified_by(*envelope, {key.public_key()}).empty());
}

TEST(Envelope, OneKeyUnderTwoNamesCountsOnce) {
  const SigningKey key = SigningKey::generate("a");
  PublicKey alias = key.public_key();
  alias.name = "b";
  const Envelope envelope = sign_envelope("t", "x", {&key, &key});
  EXPECT_EQ(verified_by(envelope, {key.public_key(), alias}).size(), 1U);
}

TEST(Envelope, AmbiguousOnesAreRefused) {
  const auto duplicate = parse_envelope(
      R"({"payload":"YQ==","payload":"Yg==","payloadType":"t","signatures":[{"sig":"YQ=="}]})");
  ASSERT_FALSE(duplicate);
  EXPECT_NE(duplicate.error().message.find("ambiguous JSON at $.payload"), std::string::npos);
  EXPECT_FALSE(parse_envelope(R"({"payload":"+_aa","payloadType":"t","signatures":[{"sig":"YQ=="}]})"));
  EXPECT_FALSE(parse_envelope(R"({"payload":"YQ==","payloadType":"t","signatures":[]})"));
  EXPECT_FALSE(parse_envelope(R"({"payload":"YQ==","payloadType":"t","signatures":[{"sig":"YQ=="}]} 1)"));
  EXPECT_TRUE(parse_envelope(R"({"x":1,"payload":"-_-_","payloadType":"t","signatures":[{"sig":"YQ=="}]})"));
}

TEST(Statement, IsWrittenCanonicallyAndReadBack) {
  const std::string octets = *write_statement(sample());
  EXPECT_EQ(
      octets,
      R"({"_type":"https://in-toto.io/Statement/v1","predicate":{"tests":3},"predicateType":"https://signalbox.dev/evidence/tests/v1",)"
      R"("subject":[{"digest":{"gitCommit":"0123456789abcdef0123456789abcdef01234567"},"name":"head"}]})");
  const auto read = parse_statement(octets);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->predicate["tests"].as_integer(), 3);
}

TEST(Statement, WithoutDigestSubjectOrTypeIsRefused) {
  EXPECT_FALSE(
      parse_statement(R"({"_type":"https://in-toto.io/Statement/v1","subject":[],"predicateType":"a:b"})"));
  EXPECT_FALSE(parse_statement(
      R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{}}],"predicateType":"a:b"})"));
  EXPECT_FALSE(
      parse_statement(R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha1":"ab"}}]})"));
  EXPECT_FALSE(
      parse_statement(R"({"_type":"x","subject":[{"digest":{"sha1":"ab"}}],"predicateType":"a:b"})"));
  EXPECT_TRUE(parse_statement(
      R"({"_type":"https://in-toto.io/Statement/v0.1","subject":[{"digest":{"sha1":"ab"}}],"predicateType":"a:b"})"));
}

TEST(Subject, MatchesByEveryDigestOnBothSidesAndAtLeastOne) {
  const Subject a{"x", {{"sha256", "aa"}, {"sha1", "bb"}}};
  EXPECT_TRUE(matches(a, {"y", {{"sha256", "aa"}}}));
  EXPECT_FALSE(matches(a, {"x", {{"sha256", "aa"}, {"sha1", "cc"}}}));
  EXPECT_FALSE(matches(a, {"x", {{"sha512", "aa"}}}));
  EXPECT_TRUE(subject_from_text("gitCommit:" + std::string(kCommit)));
  EXPECT_FALSE(subject_from_text("gitCommit:12"));
  EXPECT_FALSE(subject_from_text("nothing"));
}

// The example key and note of C2SP signed-note, which are those of golang.org/x/mod/sumdb/note.
TEST(Note, PublishedExampleVerifies) {
  const auto key = parse_vkey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
  ASSERT_TRUE(key) << key.error().message;
  const auto note = parse_note(
      "If you think cryptography is the answer to your problem,\nthen you don't know what your problem "
      "is.\n\n"
      "\xe2\x80\x94 PeterNeumann "
      "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n");
  ASSERT_TRUE(note) << note.error().message;
  const auto by = verify_note(*note, {*key});
  ASSERT_TRUE(by) << by.error().message;
  EXPECT_EQ(by->size(), 1U);
}

TEST(Note, AKnownKeyThatFailsRefusesTheWholeNoteAndAnUnknownOneIsIgnored) {
  const SigningKey key = SigningKey::generate("log.example/1");
  const std::string signed_note = sign_note("text\n\nwith a blank line\n", key);
  auto note = parse_note(signed_note);
  ASSERT_TRUE(note) << note.error().message;
  EXPECT_EQ(note->text, "text\n\nwith a blank line\n");
  EXPECT_EQ(write_note(*note), signed_note);
  EXPECT_TRUE(verify_note(*note, {})->empty());
  note->text[0] = 'T';
  EXPECT_FALSE(verify_note(*note, {key.public_key()}));
}

TEST(Checkpoint, IsWrittenAndReadBackAndRefusesOtherSpellings) {
  const Checkpoint checkpoint{"log.example", 70000, sha256("x")};
  const auto read = parse_checkpoint(checkpoint_text(checkpoint));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->root, checkpoint.root);
  EXPECT_TRUE(parse_checkpoint(checkpoint_text(checkpoint) + "extension\n"));
  const std::string root = to_base64(as_octets(checkpoint.root));
  EXPECT_FALSE(parse_checkpoint("o\n07\n" + root + "\n"));
  EXPECT_FALSE(parse_checkpoint("o\n-1\n" + root + "\n"));
  EXPECT_FALSE(parse_checkpoint("o\n7\n" + root));
  EXPECT_FALSE(parse_checkpoint("\n7\n" + root + "\n"));
}

TEST(KeyFile, WithAPasswordOpensWithItAlone) {
  const SigningKey key = SigningKey::generate("gate@here");
  const std::string file = key.serialize("secret");
  EXPECT_EQ(SigningKey::parse(file, {}).error().kind, ErrorKind::denied);
  EXPECT_EQ(SigningKey::parse(file, "Secret").error().kind, ErrorKind::denied);
  const auto opened = SigningKey::parse(file, "secret");
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_TRUE(verify(key.public_key(), "m", opened->sign("m")));
}

TEST(KeyStore, KeepsKeysToTheirOwnerAndRefusesWiderModes) {
  const TemporaryDirectory folder;
  KeyStore keys(folder.path() / "keys");
  ASSERT_TRUE(keys.list());
  ASSERT_TRUE(keys.create("log.example/one", {}, {"log"}));
  EXPECT_EQ(keys.create("log.example/one", {}).error().kind, ErrorKind::conflict);
  EXPECT_EQ(keys.list()->size(), 1U);
  EXPECT_EQ(keys.find("log.example/one")->roles, std::vector<std::string>{"log"});
  ASSERT_TRUE(keys.load("log.example/one"));
  const auto file = folder.path() / "keys" / "log.example%2fone.key";
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  const auto wide = keys.load("log.example/one");
  ASSERT_FALSE(wide);
  EXPECT_EQ(wide.error().kind, ErrorKind::denied);
  EXPECT_NE(wide.error().hint.find("chmod 600"), std::string::npos);
  ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
  ASSERT_TRUE(keys.revoke("log.example/one", Time{}, "lost", false));
  EXPECT_EQ(keys.load("log.example/one").error().kind, ErrorKind::denied);
}

TEST(KeyStore, ARotatedKeyHasASuccessorOfItsNameAndRolesAndStaysKnownAsRevoked) {
  const TemporaryDirectory folder;
  KeyStore keys(folder.path() / "keys");
  const PublicKey old = *keys.create("ci", {}, {"builder", "gate"});
  const Time at{std::chrono::seconds(1'750'000'000)};
  const auto fresh = keys.rotate("ci", "a password", at, "left");
  ASSERT_TRUE(fresh) << fresh.error().message;
  EXPECT_FALSE(fresh->same_key(old));
  const std::vector<StoredKey> stored = *keys.stored();
  ASSERT_EQ(stored.size(), 2U);
  EXPECT_TRUE(stored[0].key.same_key(*fresh));
  EXPECT_FALSE(stored[0].revoked_at);
  EXPECT_TRUE(stored[0].encrypted);
  EXPECT_EQ(stored[0].roles, (std::vector<std::string>{"builder", "gate"}));
  EXPECT_TRUE(stored[1].key.same_key(old));
  EXPECT_EQ(stored[1].revoked_at, at);
  EXPECT_EQ(stored[1].revocation_reason, "left");
  EXPECT_TRUE(keys.load("ci", "a password"));
  ASSERT_TRUE(keys.create("log", {}, {"log"}));
  EXPECT_EQ(keys.rotate("log", {}, at, "").error().kind, ErrorKind::conflict);
}

TEST(PublicKey, SurvivesEveryTextForm) {
  const PublicKey key = SigningKey::generate("n").public_key();
  for (const std::string& text : {key.vkey(), to_pem(key), to_openssh(key), to_minisign(key)}) {
    const auto read = parse_public_key(text, "n");
    ASSERT_TRUE(read) << text << read.error().message;
    EXPECT_EQ(read->vkey(), key.vkey());
  }
}

}  // namespace
}  // namespace signalbox::evidence
