#include "core/evidence/cosignature.hpp"

#include <gtest/gtest.h>

#include "core/base/encoding.hpp"
#include "core/base/file.hpp"
#include "core/base/process.hpp"
#include "core/base/testing.hpp"
#include "core/base/text.hpp"
#include "core/evidence/envelope.hpp"

namespace signalbox::evidence {
namespace {

const Time kTime = *parse_rfc3339("2026-03-03T09:00:00.750Z");

class CosignatureTest : public ::testing::Test {
 protected:
  Note cosigned(Time time = kTime) const {
    Note note = *parse_note(sign_note(checkpoint_text({"log.example", 7, sha256("root")}), log_));
    note.signatures.push_back(cosign(note.text, witness_, time));
    return note;
  }
  PublicKey witness() const { return witness_key(witness_.public_key()); }

  const SigningKey log_ = SigningKey::generate("log.example");
  const SigningKey witness_ = SigningKey::generate("witness.example/w1");
};

// The worked example of C2SP tlog-cosignature: its time line, and the octets of its signature line.
TEST_F(CosignatureTest, PublishedExampleIsTakenApartAndItsMessageMadeAgain) {
  const std::string body =
      "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const auto note = parse_note(
      body +
      "\n\xe2\x80\x94 example.com/behind-the-sofa "
      "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
      "\xe2\x80\x94 witness.example.com/w1 "
      "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/"
      "zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n");
  ASSERT_TRUE(note) << note.error().message;
  const std::string_view octets = note->signatures[1].octets;
  EXPECT_EQ(to_hex(octets.substr(0, 4)), "8d66cf3f");
  const auto parts = split_cosignature(octets.substr(4));
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->time_s, 1679315147);
  EXPECT_EQ(cosigned_message(parts->time_s, note->text), "cosignature/v1\ntime 1679315147\n" + body);
}

TEST_F(CosignatureTest, NamesWitnessAndTimeInWholeSeconds) {
  const auto by = cosigned_by(cosigned(), {witness()});
  ASSERT_TRUE(by) << by.error().message;
  ASSERT_EQ(by->size(), 1U);
  EXPECT_EQ(by->front().witness.name, "witness.example/w1");
  EXPECT_EQ(to_rfc3339(by->front().time), "2026-03-03T09:00:00Z");
}

TEST_F(CosignatureTest, OfAWitnessThatSignedTwiceTheNewestTimeCounts) {
  Note note = cosigned();
  note.signatures.push_back(cosign(note.text, witness_, kTime + std::chrono::hours(1)));
  note.signatures.push_back(cosign(note.text, witness_, kTime - std::chrono::hours(1)));
  const auto by = cosigned_by(note, {witness()});
  ASSERT_EQ(by->size(), 1U);
  EXPECT_EQ(to_rfc3339(by->front().time), "2026-03-03T10:00:00Z");
}

TEST_F(CosignatureTest, OneKeyUnderTwoNamesIsOneWitness) {
  Note note = cosigned();
  PublicKey renamed = witness();
  renamed.name = "witness.example/other";
  // The name is no part of what is signed, but of the key id in front of the signature.
  note.signatures.push_back({renamed.name, renamed.id_octets() + note.signatures[1].octets.substr(4)});
  ASSERT_EQ(cosigned_by(note, {renamed})->size(), 1U);
  EXPECT_EQ(cosigned_by(note, {witness(), renamed})->size(), 1U);
}

TEST_F(CosignatureTest, EveryFlippedBitIsRefusedOrNoCosignature) {
  const Note good = cosigned();
  for (std::size_t bit = 0; bit < good.signatures[1].octets.size() * 8; ++bit) {
    Note bad = good;
    char& octet = bad.signatures[1].octets[bit / 8];
    octet = static_cast<char>(octet ^ 1 << bit % 8);
    const auto by = cosigned_by(bad, {witness()});
    EXPECT_TRUE(!by || by->empty()) << bit;
  }
  Note other = good;
  other.text[0] = 'L';
  EXPECT_FALSE(cosigned_by(other, {witness()}));
}

TEST_F(CosignatureTest, TimeZeroAndTimesBeyond63BitsAreNone) {
  const std::string signature(64, 's');
  EXPECT_FALSE(split_cosignature(std::string(8, '\0') + signature));
  EXPECT_FALSE(split_cosignature("\x80" + std::string(7, '\0') + signature));
  EXPECT_TRUE(split_cosignature("\x7f" + std::string(7, '\xff') + signature));
  EXPECT_FALSE(split_cosignature(std::string(8, '\1') + signature + "s"));
}

TEST_F(CosignatureTest, AWitnessIsAnotherKeyThanTheSameOctetsSigningNotes) {
  const PublicKey plain = witness_.public_key();
  EXPECT_NE(plain.id(), witness().id());
  EXPECT_FALSE(plain.same_key(witness()));
  const auto read = parse_vkey(witness().vkey());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->same_key(witness()));
  EXPECT_TRUE(cosigned_by(cosigned(), {plain})->empty());
  EXPECT_TRUE(cosigned_by(*parse_note(sign_note("text\n", witness_)), {witness()})->empty());
}

TEST_F(CosignatureTest, AWitnessKeySignsNoEnvelope) {
  const std::string message = pre_authentication_encoding("a/b", "payload");
  const NoteSignature signature = cosign(message, witness_, kTime);
  const Envelope envelope{"a/b", "payload", {{"", signature.octets.substr(4)}}};
  EXPECT_TRUE(verified_by(envelope, {witness()}).empty());
}

TEST_F(CosignatureTest, GoReadsOursAndWeReadTheirs) {
  if (!find_program("go")) GTEST_SKIP() << "no go: apt-get install golang-go golang-golang-x-mod-dev";
  const TemporaryDirectory folder;
  const auto write = [&](const std::string& name, const std::string& octets) {
    EXPECT_TRUE(write_file_atomically(folder.path() / name, octets));
    return (folder.path() / name).string();
  };
  const auto oracle = testing::source_directory() / "src/core/evidence/testdata/cosignature_oracle.go";
  const auto ran =
      run_process({"go", "run", oracle.string(), write("witness", witness().vkey()),
                   write("log", log_.public_key().vkey()), write("note", write_note(cosigned()))},
                  {.environment = {{"GO111MODULE", "off"}, {"GOPATH", "/usr/share/gocode"}},
                   .deadline = std::chrono::minutes(3)});
  ASSERT_TRUE(ran) << ran.error().message;
  ASSERT_EQ(ran->exit_code, 0) << ran->errors;
  const std::vector<std::string_view> said = lines(ran->output);
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[0], "verified 2 unverified 0");
  const auto theirs = parse_vkey(said[1]);
  ASSERT_TRUE(theirs) << theirs.error().message;
  const auto note = parse_note(*from_base64(said[2]));
  ASSERT_TRUE(note) << note.error().message;
  const auto by = cosigned_by(*note, {*theirs, witness()});
  ASSERT_TRUE(by) << by.error().message;
  ASSERT_EQ(by->size(), 1U);
  EXPECT_EQ(by->front().time, Time(std::chrono::seconds(1679315147)));
  EXPECT_EQ(by->front().witness.name, "theirs.example/w1");
}

}  // namespace
}  // namespace signalbox::evidence
