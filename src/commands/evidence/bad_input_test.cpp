// What goes wrong, and what the user is told: the table "Bad input and faults" of the evidence specification.
#include <sys/stat.h>

#include "commands/evidence/command_fixture.hpp"
#include "core/base/encoding.hpp"
#include "core/evidence/bundle.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;
namespace fs = std::filesystem;

class BadInput : public CommandTest {
 protected:
  // An envelope over `payload`, signed by `key`, whatever the payload is.
  std::string signed_by(const ev::SigningKey& key, const std::string& payload, int times = 1) const {
    std::vector<const ev::SigningKey*> keys(static_cast<std::size_t>(times), &key);
    return ev::write_envelope(ev::sign_envelope(ev::kPayloadType, payload, keys));
  }
  static std::string statement(const std::string& predicate,
                               const std::string& type = "https://a.example/b/v1") {
    return R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"n","digest":{"gitCommit":")" +
           std::string(40, 'a') + R"("}}],"predicateType":")" + type + R"(","predicate":)" + predicate + "}";
  }
  // A trust file with one key.
  std::string trust(const ev::SigningKey& key, const std::string& more) const {
    return write("trust.yaml", "version: signalbox/trust/v1\nkeys:\n  - vkey: " + key.public_key().vkey() +
                                   "\n    roles: [builder]\n" + more);
  }
  void expect(const Ran& ran, int code, const std::string& said) {
    EXPECT_EQ(ran.code, code) << ran.text;
    EXPECT_NE(ran.text.find(said), std::string::npos) << ran.text;
  }

  const ev::SigningKey key_ = ev::SigningKey::generate("ci@example");
};

TEST_F(BadInput, DuplicateKeysAreRefusedWithTheirPathWhoeverSigned) {
  const std::string file = write("e", signed_by(key_, statement(R"({"a":[{"x":1,"x":2}]})")));
  expect(run({"verify", file, "--key", key_.public_key().vkey()}), 2, "ambiguous JSON at $.predicate.a[0].x");
  expect(run({"append", file}), 2, "ambiguous JSON at $.predicate.a[0].x");
  expect(run({"add", "json", write("d", R"({"x":{"y":1,"y":2}})"), "--subject", kSubject}), 2,
         "ambiguous JSON at $.x.y");
}

TEST_F(BadInput, TrailingOctetsAndTwoEncodingsAreRefused) {
  const std::string good = signed_by(key_, statement("{}"));
  expect(run({"verify", write("e", good + " {}"), "--key", key_.public_key().vkey()}), 2,
         "ambiguous JSON at");
  const std::string mixed =
      R"({"payload":"+_aa","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"YQ=="}]})";
  expect(run({"verify", write("e", mixed), "--key", key_.public_key().vkey()}), 2,
         "ambiguous JSON at $.payload");
}

TEST_F(BadInput, AFileThatHoldsNothingIsNoProof) {
  for (const char* nothing : {"", "\n", " \r\n\n"})
    expect(run({"verify", write("e", nothing), "--key", key_.public_key().vkey()}), 2, "holds no envelope");
}

TEST_F(BadInput, AnUnknownKeyDoesNotCount) {
  const std::string file = write("e", signed_by(key_, statement("{}")));
  const ev::SigningKey other = ev::SigningKey::generate("other");
  expect(run({"verify", file, "--key", other.public_key().vkey()}), 1,
         "0 of 1 distinct keys wanted; " + key_.public_key().id() + ": unknown key");
}

TEST_F(BadInput, ARevokedExpiredOrNotYetValidKeyDoesNotCount) {
  const std::string file = write("e", signed_by(key_, statement("{}")));
  const std::string who = "ci@example (" + key_.public_key().id() + "): ";
  expect(run({"verify", file, "--trust",
              trust(key_, "    revoked_at: 2020-01-01T00:00:00Z\n    reason: lost\n")}),
         1, who + "revoked at 2020-01-01T00:00:00Z: lost");
  expect(run({"verify", file, "--trust", trust(key_, "    not_after: 2020-01-01T00:00:00Z\n")}), 1,
         who + "expired at 2020-01-01T00:00:00Z");
  expect(run({"verify", file, "--trust", trust(key_, "    not_before: 2040-01-01T00:00:00Z\n")}), 1,
         who + "not yet valid");
  expect(run({"verify", file, "--trust", trust(key_, "    types: [\"https://b.example/**\"]\n")}), 1,
         who + "out of scope");
  expect(run({"verify", file, "--trust", trust(key_, "")}), 0, "signed by ci@example");
}

TEST_F(BadInput, AKeyOfAnotherRoleDoesNotCount) {
  const std::string file = write("e", signed_by(key_, statement("{}")));
  expect(run({"verify", file, "--trust", trust(key_, ""), "--role", "approver"}), 1,
         "0 of 1 distinct keys wanted with the role approver; ci@example (" + key_.public_key().id() +
             "): has not the role approver, but builder");
}

TEST_F(BadInput, AThresholdIsNotMetByOneKeyTwice) {
  const std::string file = write("e", signed_by(key_, statement("{}"), 2));
  const std::string once = key_.public_key().vkey();
  ev::PublicKey alias = key_.public_key();
  alias.name = "alias";
  expect(run({"verify", file, "--threshold", "2", "--key", once, "--key", alias.vkey()}), 1,
         "1 of 2 distinct keys wanted");
}

TEST_F(BadInput, WhatIsTooLargeIsRefusedWithSizeAndLimit) {
  std::string subjects;
  for (int i = 10; i < 60; ++i) {
    subjects += std::string(subjects.empty() ? "" : ",") + R"({"digest":{"x-long":")" +
                std::string(900, 'a') + std::to_string(i) + R"("}})";
  }
  const std::string payload = R"({"_type":"https://in-toto.io/Statement/v1","subject":[)" + subjects +
                              R"(],"predicateType":"https://a.example/b/v1","predicate":{}})";
  expect(run({"append", write("e", signed_by(key_, payload))}), 2, "the log takes at most 65535");
  expect(run({"append", write("e", "{" + std::string(16U << 20, ' '))}), 2, "16777217 bytes; ");
  expect(run({"append", write("e", "\n")}), 2, "holds no envelope");
}

TEST_F(BadInput, AStorePutBackToAnOlderCopyIsNotSignedUntilItIsForkedOnPurpose) {
  record(R"({"number": 1})", kSubject);
  const fs::path database = workspace_.database();
  const auto copy = [&](const fs::path& from, const fs::path& to) {
    for (const std::string end : {"", "-wal", "-shm"}) {
      fs::remove(to.string() + end);
      if (fs::exists(from.string() + end)) fs::copy_file(from.string() + end, to.string() + end);
    }
  };
  copy(database, path("copy"));
  record(R"({"number": 2})", kSubject);
  copy(path("copy"), database);
  const std::vector<std::string> add = {"add", "json", write("d", "{}"), "--subject", kSubject};
  expect(run(add), 2, "has 1 entry, and 2 were seen before");
  expect(run({"verify"}), 1, "rollback");
  expect(run({"log", "fork"}), 0, "it goes on as work-");
  expect(run(add), 0, "recorded as entry 1");
  expect(run({"verify"}), 0, "everything holds");
}

TEST_F(BadInput, TimeNeverGoesBackWhenTheClockDoes) {
  record(R"({"number": 1})", kSubject);
  clock_.advance(-std::chrono::hours(5));
  record(R"({"number": 2})", kSubject);
  const Ran ran = run({"query"});
  ASSERT_EQ(ran.data["entries"].size(), 2U);
  EXPECT_EQ(ran.data["entries"].items()[0]["time"], ran.data["entries"].items()[1]["time"]);
  EXPECT_EQ(run({"verify"}).code, 0);
}

TEST_F(BadInput, AKeyFileThatOthersMayReadIsRefusedWithTheRemedy) {
  record(R"({"number": 1})", kSubject);
  const std::string key = path("home/signalbox/keys/" + ev::machine_key_name() + ".key");
  ASSERT_EQ(::chmod(key.c_str(), 0644), 0);
  expect(run({"add", "json", write("d", "{}"), "--subject", kSubject}), 3, "chmod 600 " + key);
}

TEST_F(BadInput, AnUnknownPredicateTypeIsKeptAndShownAsWhatItIs) {
  ASSERT_EQ(run({"add", "json", write("d", R"({"new":true})"), "--subject", kSubject, "--type",
                 "https://new.example/thing/v9"})
                .code,
            0);
  expect(run({"show", "0"}), 0, "https://new.example/thing/v9");
  expect(run({"verify", write("b", made({"bundle", "0"})), "--type", "evidence/tests/v1"}), 1,
         "it is of the type https://new.example/thing/v9");
  expect(run({"add", "json", write("d", "{}"), "--subject", kSubject, "--type", "no uri"}), 2,
         "$.predicateType");
}

TEST_F(BadInput, WhatIsNotThereIsSaidWithWhatToDo) {
  expect(run({"query"}), 2, "signalbox evidence add junit");
  record("{}", kSubject);
  expect(run({"show", "7"}), 2, "no entry 7; it has 1");
  expect(run({"show", std::string(64, 'f')}), 2, "no entry has the leaf hash");
  expect(run({"bundle", "gitCommit:" + std::string(40, 'b')}), 2, "no evidence about");
  expect(run({"add", "json", path("absent"), "--subject", kSubject}), 2, "absent");
  expect(run({"add", "json", write("d", "{}")}), 2, "--subject");
}

TEST_F(BadInput, EvidenceOlderThanAskedForIsStaleByTheTimeOfTheLog) {
  record("{}", kSubject);
  const std::string file = write("b", made({"bundle", "0"}));
  clock_.advance(std::chrono::hours(25));
  expect(run({"verify", file, "--max-age", "24h"}), 1, "logged 1d 1h ago");
  expect(run({"verify", file, "--max-age", "26h"}), 0, "everything holds");
}

TEST_F(BadInput, AWatchThatNeverPausesIsRefused) {
  const std::string key = key_.public_key().vkey(), log = folder_.path().string();
  expect(run({"watch", log, "--key", key, "--every", "0s"}), 2, "is not a duration");
  expect(run({"watch", log, "--key", key, "--every", "soon"}), 2, "is not a duration");
}

}  // namespace
}  // namespace signalbox::evidence_command
