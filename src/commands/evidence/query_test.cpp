#include <fmt/core.h>

#include "commands/evidence/command_fixture.hpp"
#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/evidence/bundle.hpp"

namespace signalbox::evidence_command {
namespace {

namespace ev = evidence;

const std::string kType = "https://example.com/score/v1";

class Query : public CommandTest {
 protected:
  // A statement with this predicate; `claims` stands as the id of the key that signed it.
  static ev::Envelope statement(const std::string& predicate, const ev::SigningKey& key,
                                const std::string& claims = {}) {
    ev::Envelope envelope = ev::sign_envelope(
        ev::kPayloadType,
        R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"app","digest":{"sha256":")" +
            std::string(64, 'c') + R"("}}],"predicateType":")" + kType + R"(","predicate":)" + predicate +
            "}",
        {&key});
    if (!claims.empty()) envelope.signatures.front().keyid = claims;
    return envelope;
  }
  void append(const ev::Envelope& envelope) {
    ASSERT_EQ(run({"append", write("envelope.json", ev::write_envelope(envelope))}).code, 0);
  }
  std::vector<std::int64_t> listed(std::vector<std::string> words) {
    words.insert(words.begin(), "query");
    const Ran ran = run(words);
    EXPECT_EQ(ran.code, 0) << ran.text;
    std::vector<std::int64_t> out;
    for (const Json& entry : ran.data["entries"].items()) out.push_back(entry["index"].as_integer());
    return out;
  }

  // The verifier key of the log, as an auditor is given it.
  static std::string log_key() {
    const auto keys = ev::KeyStore(keys_directory()).stored();
    for (const ev::StoredKey& key : keys.value()) {
      if (key.roles == std::vector<std::string>{"log"}) return key.key.vkey();
    }
    return {};
  }

  const ev::SigningKey alice_ = ev::SigningKey::generate("alice");
  const ev::SigningKey bob_ = ev::SigningKey::generate("bob");
};

TEST_F(Query, AKeyListsWhatItSignedAndNotWhatOnlyClaimsIt) {
  append(statement("{}", alice_));
  append(statement("{}", bob_, alice_.public_key().id()));
  append(statement("{}", bob_));
  EXPECT_EQ(listed({"--key", alice_.public_key().vkey()}), (std::vector<std::int64_t>{0}));
  EXPECT_EQ(listed({"--key", bob_.public_key().vkey()}), (std::vector<std::int64_t>{2, 1}));
  EXPECT_EQ(listed({"--key", write("bob.pem", ev::to_pem(bob_.public_key())), "--limit", "1"}),
            (std::vector<std::int64_t>{2}));
  EXPECT_EQ(listed({"--key", alice_.public_key().vkey(), "--key", bob_.public_key().vkey()}),
            (std::vector<std::int64_t>{2, 1, 0}));
  const Ran unknown = run({"query", "--key", "nobody"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_NE(unknown.text.find("nobody here knows the key nobody"), std::string::npos) << unknown.text;
}

TEST_F(Query, AKeyOfThisMachineIsKnownByItsNameAndId) {
  record("{}", kSubject);
  append(statement("{}", alice_));
  const Ran keys = run({"key", "list"});
  const Ran shown = run({"show", "0"});
  const auto envelope = ev::parse_envelope(trim(made({"unbundle", write("b.json", made({"bundle", "0"}))})));
  ASSERT_TRUE(envelope) << shown.text;
  EXPECT_EQ(listed({"--key", envelope->signatures.front().keyid}), (std::vector<std::int64_t>{0}))
      << keys.text;
}

// What jq itself says of the same inputs decides which are to be listed.
TEST_F(Query, AnExpressionListsWhatTheJqProgramSaysTrueOf) {
  if (!find_program("jq")) GTEST_SKIP() << "no jq: apt-get install jq";
  const std::vector<std::string> predicates = {
      R"({"score":3})", R"({"score":12.5,"by":"a"})", R"({"score":null})",    R"({"score":"9"})",
      R"({})",          R"({"score":12,"by":"b"})",   R"({"score":[1,2,3]})", R"({"score":-1,"by":"a"})"};
  std::string inputs;
  for (const std::string& predicate : predicates) {
    append(statement(predicate, alice_));
    inputs += R"({"predicate":)" + predicate + "}\n";
  }
  const std::vector<std::string> expressions = {
      ".predicate.score > 10", ".predicate.by == \"a\"", ".predicate | has(\"by\")",
      "[.predicate.score | numbers] | any(. < 4)", "(.predicate.score | type) == \"string\""};
  for (const std::string& expression : expressions) {
    ProcessOptions options;
    options.input = inputs;
    const auto said = run_process({"jq", "-c", expression}, options);
    ASSERT_TRUE(said) << said.error().message;
    std::vector<std::int64_t> expected;
    const auto answers = lines(trim(said->output));
    ASSERT_EQ(answers.size(), predicates.size()) << said->errors;
    for (std::size_t i = answers.size(); i > 0; --i) {
      if (answers[i - 1] == "true") expected.push_back(static_cast<std::int64_t>(i - 1));
    }
    EXPECT_EQ(listed({"--jq", expression}), expected) << expression;
  }
}

TEST_F(Query, WhatIsNeitherTrueNorFalseIsCountedAndARunawayEnds) {
  append(statement(R"({"score":1})", alice_));
  append(statement(R"({})", alice_));
  const Ran ran = run({"query", "--jq", "gt(.predicate.score; 0)"});
  EXPECT_EQ(ran.code, 0);
  EXPECT_EQ(ran.data["entries"].size(), 1U);
  EXPECT_NE(ran.text.find("says neither yes nor no of entry 1"), std::string::npos) << ran.text;
  EXPECT_EQ(run({"query", "--jq", "def f: f; f"}).code, 2);
  EXPECT_EQ(run({"query", "--jq", ".predicate."}).code, 2);
  EXPECT_EQ(run({"query", "--jq", "env.HOME == null"}).code, 2);
}

class VerifyCondition : public Query {};

TEST_F(VerifyCondition, AStatementHasToSatisfyItAndTheLogsTimeIsWhatItSees) {
  const std::string good = write("good", ev::write_envelope(statement(R"({"score":12})", alice_)));
  const std::string bad = write("bad", ev::write_envelope(statement(R"({"score":2})", alice_)));
  const std::string none = write("none", ev::write_envelope(statement("{}", alice_)));
  const std::string key = alice_.public_key().vkey();
  const std::string asked = "ge(.predicate.score; 10)";
  EXPECT_EQ(run({"verify", good, "--key", key, "--condition", asked}).code, 0);
  EXPECT_EQ(run({"verify", bad, "--key", key, "--condition", asked}).code, 1);
  const Ran missing = run({"verify", none, "--key", key, "--condition", asked});
  EXPECT_EQ(missing.code, 1);
  EXPECT_NE(missing.text.find("does not run (error)"), std::string::npos) << missing.text;
  // Of an envelope no log says how old it is.
  EXPECT_EQ(run({"verify", good, "--key", key, "--condition", "le(.age_s; 60)"}).code, 1);
  append(statement(R"({"score":12})", alice_));
  clock_.advance(std::chrono::seconds(50));
  const std::string condition = "ge(.predicate.score; 10) and eq(.age_s; 50) and eq(.index; 0)";
  const std::string log = log_key();
  const std::string bundle = write("bundle", made({"bundle", "0"}));
  EXPECT_EQ(run({"verify", bundle, "--key", key, "--key", log, "--condition", condition}).code, 0);
  EXPECT_EQ(run({"verify", "--key", key, "--key", log, "--condition", condition}).code, 0);
  EXPECT_EQ(run({"verify", bundle, "--key", key, "--key", log, "--condition", "eq(.age_s; 51)"}).code, 1);
}

// The log's clock is an hour ahead of the time as of which it is judged: nobody knows how old it is.
TEST_F(VerifyCondition, WhatIsOfALaterTimeHasNoAge) {
  append(statement(R"({"score":12})", alice_));
  const std::string key = alice_.public_key().vkey(), log = log_key();
  const std::string bundle = write("bundle", made({"bundle", "0"}));
  const std::string fresh = "ge(.predicate.score; 10) and le(.age_s; 60)";
  EXPECT_EQ(run({"verify", bundle, "--key", key, "--key", log, "--condition", fresh}).code, 0);
  const std::string before = to_rfc3339(clock_.now() - std::chrono::hours(1));
  const Ran asked = run({"verify", bundle, "--key", key, "--key", log, "--condition", fresh, "--at", before});
  EXPECT_EQ(asked.code, 1);
  EXPECT_NE(asked.text.find("does not run (error)"), std::string::npos) << asked.text;
  EXPECT_EQ(run({"verify", bundle, "--key", key, "--key", log, "--max-age", "1h"}).code, 0);
  const Ran aged = run({"verify", bundle, "--key", key, "--key", log, "--max-age", "1h", "--at", before});
  EXPECT_EQ(aged.code, 1);
  EXPECT_NE(aged.text.find("logged 1h after"), std::string::npos) << aged.text;
}

TEST_F(VerifyCondition, OneThatHoldsOfAnythingIsRefusedAndABrokenOneIsBadInput) {
  const std::string good = write("good", ev::write_envelope(statement(R"({"score":12})", alice_)));
  const std::string key = alice_.public_key().vkey();
  for (const std::string& vacuous : {std::string("true"), std::string(".predicate.failures < 3")}) {
    const Ran ran = run({"verify", good, "--key", key, "--condition", vacuous});
    EXPECT_EQ(ran.code, 1) << vacuous;
    EXPECT_NE(ran.text.find("vacuous"), std::string::npos) << ran.text;
  }
  const Ran open = run({"verify", good, "--key", key, "--condition", ".predicate.score < 14.4"});
  EXPECT_EQ(open.code, 1) << open.text;
  EXPECT_EQ(run({"verify", good, "--key", key, "--condition", "1 1"}).code, 2);
  EXPECT_EQ(run({"verify", good, "--key", key, "--condition", "1"}).code, 1);
}

}  // namespace
}  // namespace signalbox::evidence_command
