// Gates judged over a real log and real keys: the five ways not to be green, and what a gate may say.
#include "core/gates/gate_fixture.hpp"

namespace signalbox::gates {
namespace {

Gate tests_gate() {
  return *gate_from(R"(
name: tests
type: evidence/tests/v1
signer: builder
max_age: 7d
require: gt(.predicate.tests; 0) and eq(.predicate.failures; 0)
)");
}

TEST_F(GateTest, GoodFreshTrustedEvidencePasses) {
  record(result(10, 0), {&builder_});
  clock_.advance(std::chrono::hours(1));
  const Check check = judged(tests_gate());
  EXPECT_EQ(check.verdict, Verdict::pass) << check.answer;
  EXPECT_EQ(check.evidence, 0);
  EXPECT_EQ(check.age_s, 3600);
}

TEST_F(GateTest, NoEvidenceIsMissing) {
  Check check = judged(tests_gate());
  EXPECT_EQ(check.reason, "missing");
  EXPECT_EQ(check.remedy, "signalbox evidence add junit results.xml --subject git:HEAD");
  record(result(10, 0), {&builder_}, kOtherCommit);
  check = judged(tests_gate());
  EXPECT_EQ(check.reason, "missing");
  EXPECT_NE(check.answer.find("gitCommit:aaaaaaaaaaaa"), std::string::npos) << check.answer;
  EXPECT_NE(check.answer.find("gitCommit:bbbbbbbbbbbb"), std::string::npos) << check.answer;
}

TEST_F(GateTest, TheRemedyOfAMissingProfileIsItsCheck) {
  const auto gate = gate_from("{name: no regression, type: profile/regression/v1}");
  ASSERT_TRUE(gate);
  EXPECT_EQ(remedy_of(*gate), "signalbox profile check --record BASE... -- NEW...");
  const auto statements = gate_from("{name: statements, type: queries/regression/v1}");
  ASSERT_TRUE(statements);
  EXPECT_EQ(remedy_of(*statements), "signalbox queries compare --record --baseline SPAN --candidate SPAN");
}

TEST_F(GateTest, OldEvidenceIsStaleByTheTimeOfTheLog) {
  record(result(10, 0), {&builder_});
  clock_.advance(std::chrono::hours(7 * 24) + Duration(1));
  EXPECT_EQ(judged(tests_gate()).reason, "stale");
  record(result(10, 0), {&builder_});
  EXPECT_EQ(judged(tests_gate()).verdict, Verdict::pass);
}

TEST_F(GateTest, EvidenceFromTheFutureIsStale) {
  record(result(10, 0), {&builder_});
  clock_.advance(-std::chrono::hours(2));
  const Check check = judged(tests_gate());
  EXPECT_EQ(check.reason, "stale") << check.answer;
}

TEST_F(GateTest, AStrangersSignatureIsNone) {
  record(result(10, 0), {&stranger_});
  const Check check = judged(tests_gate());
  EXPECT_EQ(check.reason, "signature");
  EXPECT_NE(check.answer.find("0 of 1 builder key"), std::string::npos) << check.answer;
  EXPECT_NE(check.answer.find(stranger_.public_key().id()), std::string::npos) << check.answer;
}

TEST_F(GateTest, AKeyOfAnotherRoleDoesNotCount) {
  record(result(10, 0), {&approver_});
  const Check check = judged(tests_gate());
  EXPECT_EQ(check.reason, "signature");
  EXPECT_NE(check.answer.find("has the roles approver"), std::string::npos) << check.answer;
}

TEST_F(GateTest, AThresholdCountsKeysNotSignatures) {
  Gate gate = tests_gate();
  gate.signer_role.reset();
  gate.threshold = 2;
  record(result(10, 0), {&builder_, &builder_});
  EXPECT_EQ(judged(gate).reason, "signature");
  record(result(10, 0), {&builder_, &approver_});
  EXPECT_EQ(judged(gate).verdict, Verdict::pass);
  gate.signer_keys = {"builder@ci", "stranger@home"};
  EXPECT_EQ(judged(gate).reason, "signature");
}

TEST_F(GateTest, ARevokedKeyCountsForWhatCameBefore) {
  record(result(10, 0), {&builder_});
  trust_.keys[0].revoked_at = clock_.now() + Duration(1);
  EXPECT_EQ(judged(tests_gate()).verdict, Verdict::pass);
  trust_.keys[0].retroactive = true;
  EXPECT_EQ(judged(tests_gate()).reason, "signature");
}

TEST_F(GateTest, AFalseConditionSaysWhatItSaw) {
  record(result(10, 3), {&builder_});
  const Check check = judged(tests_gate());
  EXPECT_EQ(check.reason, "condition");
  EXPECT_NE(check.answer.find(".predicate.failures is 3"), std::string::npos) << check.answer;
}

TEST_F(GateTest, AConditionThatFailsToRunIsNoGo) {
  record(Json::object({{"tests", 10}}), {&builder_});
  Check check = judged(tests_gate());
  EXPECT_EQ(check.reason, "error");
  EXPECT_NE(check.answer.find(".predicate.failures: missing or null"), std::string::npos) << check.answer;
  Gate gate = tests_gate();
  gate.require = "def f: f; f";
  check = judged(gate);
  EXPECT_EQ(check.reason, "error");
  EXPECT_NE(check.answer.find("timeout"), std::string::npos) << check.answer;
  EXPECT_EQ(check.remedy, "signalbox train lint");
}

TEST_F(GateTest, AConditionThatFailsOpenIsRefusedThoughItSaysYes) {
  record(result(10, 0), {&builder_});
  Gate gate = tests_gate();
  gate.require = "gt(.predicate.tests; 0) and (.predicate.failures | length) == 0";
  const Check check = judged(gate);
  EXPECT_EQ(check.reason, "error");
  EXPECT_NE(check.answer.find("fails open at .predicate.failures"), std::string::npos) << check.answer;
}

TEST_F(GateTest, TheNewestTrustedEvidenceAnswers) {
  record(result(10, 0), {&builder_});
  record(result(10, 1), {&builder_});
  EXPECT_EQ(judged(tests_gate()).reason, "condition");
  record(result(10, 0), {&stranger_});
  const Check check = judged(tests_gate());
  EXPECT_EQ(check.reason, "condition") << "a stranger's word changes nothing";
  EXPECT_EQ(check.evidence, 1);
}

TEST_F(GateTest, EvidenceThatWasChangedInTheStoreIsABadSignature) {
  record(result(10, 0), {&builder_});
  ASSERT_TRUE(database_->execute("update evidence_entry set t = t + 1"));
  const Check check = judged(tests_gate());
  EXPECT_EQ(check.reason, "signature");
  EXPECT_EQ(check.remedy, "signalbox evidence log audit");
}

TEST_F(GateTest, ATrustFileThatNamesLogsIsHeldToThem) {
  record(result(10, 0), {&builder_});
  trust_.keys.push_back(trusted(stranger_, "log"));
  EXPECT_EQ(judged(tests_gate()).reason, "signature");
  trust_.keys.back().key = *ledger_.log_key();
  EXPECT_EQ(judged(tests_gate()).verdict, Verdict::pass);
}

TEST_F(GateTest, WhatIsNoBlockerWarns) {
  Gate gate = tests_gate();
  gate.blocker = false;
  EXPECT_EQ(judged(gate).verdict, Verdict::warn);
}

TEST_F(GateTest, ConditionsSeeWhatTheSpecificationSays) {
  record(result(10, 0), {&builder_});
  clock_.advance(std::chrono::seconds(90));
  Gate gate = tests_gate();
  gate.require = R"(eq(.age_s; 90) and eq(.now; 1750000090) and eq(.index; 0) and eq(.log.size; 1)
    and eq(.signers; [{"name": "builder@ci", "role": "builder", "roles": ["builder"]}])
    and eq(.subject[0].digest.gitCommit; .statement.subject[0].digest.gitCommit)
    and gt(.statement.predicate.tests; 0) and eq(.predicate.failures; 0))";
  const Check check = judged(gate);
  EXPECT_EQ(check.verdict, Verdict::pass) << check.answer;
}

TEST(GateReader, ReadsBothSpellingsOfASelection) {
  const auto flat =
      gate_from("name: a\ntype: evidence/tests/v1\nmax_age: 1h\nsigner: {role: gate, threshold: 2}");
  const auto nested = gate_from(
      "name: a\nselect: {type: 'https://signalbox.dev/evidence/tests/v1', max_age: 1h, signer: {role: gate, "
      "threshold: 2}}");
  ASSERT_TRUE(flat) << flat.error().message;
  ASSERT_TRUE(nested) << nested.error().message;
  for (const Gate& gate : {*flat, *nested}) {
    EXPECT_EQ(gate.type, "https://signalbox.dev/evidence/tests/v1");
    EXPECT_EQ(gate.max_age, std::chrono::hours(1));
    EXPECT_EQ(gate.signer_role, "gate");
    EXPECT_EQ(gate.threshold, 2);
    EXPECT_EQ(gate.subject, "@commit");
    EXPECT_TRUE(gate.blocker);
  }
}

TEST(GateReader, RefusesWithThePlace) {
  const std::pair<const char*, const char*> cases[] = {
      {"name: a", "signalbox.yaml:1:1: a gate has a type or a command"},
      {"name: a\ntype: tests", "signalbox.yaml:2:7: type: `tests` is no predicate type"},
      {"name: a\ntype: e/t/v1\nsubjekt: x", "signalbox.yaml:3:1"},
      {"name: a\ntype: e/t/v1\nsubject: HEAD", "signalbox.yaml:3:10"},
      {"name: a\ntype: e/t/v1\nsigner: bilder", "signalbox.yaml:3:9: signer: there is no role bilder"},
      {"name: a\ntype: e/t/v1\nsigner: {threshold: 0}", "signalbox.yaml:3:21"},
      {"name: a\ntype: e/t/v1\nsigner: {keys: [a], threshold: 2}", "signalbox.yaml:3:9"},
      {"name: a\ntype: e/t/v1\nmax_age: soon", "signalbox.yaml:3:10"},
      {"name: a\ntype: e/t/v1\nweight: -1", "signalbox.yaml:3:9"},
      {"name: a\ntype: e/t/v1\nrequire: now > 5", "line 1, column 1: `now` is refused"},
      {"name: a\ntype: e/t/v1\nrequire: '.a ) '", "line 1, column 4"},
      {"name: a\ntype: e/t/v1\nselect: {type: e/t/v1}", "stands beside `select`"},
      {"name: a\ntype: e/t/v1\ncommand: 'true'", "either a type or a command"},
      {"name: a\ncommand: 'true'\nrequire: 'true'", "goes with evidence"},
  };
  for (const auto& [yaml, wanted] : cases) {
    const auto gate = gate_from(yaml);
    ASSERT_FALSE(gate) << yaml;
    EXPECT_EQ(gate.error().kind, ErrorKind::bad_input);
    EXPECT_NE(gate.error().message.find(wanted), std::string::npos) << yaml << "\n" << gate.error().message;
  }
}

}  // namespace
}  // namespace signalbox::gates
