// A train's file, audited: each thing that could be wrong in it is, once, on a real log with real keys.
#include "instruments/train/after/audit.hpp"

#include <algorithm>
#include <functional>
#include <memory>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/store/database.hpp"
#include "instruments/train/after/audit_replay.hpp"
#include "instruments/train/after/dossier.hpp"
#include "instruments/train/after/fixture.hpp"
#include "instruments/train/ramp/ramp_event.hpp"

namespace signalbox::train::after {
namespace {

using evidence::SigningKey;
using std::chrono::hours;

constexpr const char* kTrain = "2026-12";
constexpr std::string_view kPolicyText =
    R"text({"train":{"gates":[
{"name":"tests","require":"gt(.predicate.tests; 0) and eq(.predicate.failures; 0)","type":"evidence/tests/v1"},
{"name":"coverage","require":"ge(.predicate.coverage; 80)","type":"evidence/document/v1"}],"pass_at":80}})text";

std::string digest_of(std::string_view text) {
  return "sha256:" + to_hex(sha256(text));
}

// How one story differs from the one in which everything is as it should be.
struct Twist {
  std::function<void(Json& decision)> decision;
  bool decides_late = false;  // after the attempt has begun
  bool names_decision = true;
  bool approves_own = false;  // who asked for the exception approves it
  bool is_audited = true;
  std::string manifest_head = commit_id('a');
  Duration exception_holds = hours(2);
};

// The log of one train: evidence of two gates, of which one says no, a person's word, an exception from the
// other gate, a manifest, a GO, a departure. Each entry comes a minute after the one before.
class AuditTest : public ::testing::Test {
 protected:
  AuditTest()
      : database_(std::move(*store::open_database("sqlite:" + (folder_.path() / "a.db").string()))),
        log_(SigningKey::generate("log")),
        log_key_(log_.public_key()),
        ledger_(std::move(*evidence::Ledger::open(*database_, clock_, std::move(log_)))) {
    for (const auto* key : {&builder_, &ada_, &grace_, &alan_}) {
      evidence::TrustedKey trusted;
      trusted.key = key->public_key();
      auditor_.trust.keys.push_back(trusted);
    }
    auditor_.log_keys = {log_key_};
  }

  std::uint64_t log(const std::string& envelope) {
    clock_.advance(std::chrono::minutes(1));
    const auto receipts = ledger_.append({envelope});
    EXPECT_TRUE(receipts) << (receipts ? "" : receipts.error().message);
    return receipts->front().index;
  }
  // A statement about a commit.
  std::uint64_t say(const std::string& type, const Json& predicate, const SigningKey& key,
                    const std::string& commit = commit_id('a')) {
    const evidence::Statement statement{
        {{"shop", {{"gitCommit", commit}}}}, std::string(evidence::kPredicatePrefix) + type, predicate};
    return log(evidence::write_envelope(evidence::sign_envelope(
        evidence::kPayloadType, evidence::write_statement(statement).value(), {&key})));
  }
  // An event of the train.
  std::uint64_t tell(const std::string& kind, const Json& predicate, const SigningKey& key) {
    const std::uint64_t index = log(sign_event({kTrain, kind, predicate, {}, {}}, key, last_).value());
    last_ = static_cast<std::int64_t>(index);
    return index;
  }
  Json input(std::uint64_t index) const {
    return Json::object({{"index", index}, {"envelope", digest_of(ledger_.entry(index).value().envelope)}});
  }

  Json condition(const std::string& name, const std::string& result, std::uint64_t index) const {
    Json inputs = Json::array();
    inputs.push_back(input(index));
    return Json::object({{"name", name}, {"result", result}, {"inputs", std::move(inputs)}});
  }

  void write_story(const Twist& twist) {
    ScheduleEvent made;
    made.departs = TestLog::start() + hours(1);
    tell("schedule", to_json(made), builder_);
    say("evidence/tests/v1", Json::object({{"tests", 3}, {"failures", 0}}), builder_, commit_id('b'));
    tests_ = say("evidence/tests/v1", Json::object({{"tests", 3}, {"failures", 0}}), builder_);
    coverage_ = say("evidence/document/v1", Json::object({{"coverage", 71}}), builder_);
    approval_ = say("train/approval/v1",
                    parse_json(R"({"word":"approve","commit":")" + commit_id('a') +
                               R"(","manifest":null,"train":null,"gate":null,"role":null,"condition":null,
                               "reason":null,"id":"0011223344556677"})")
                        .value(),
                    grace_);
    write_exception(twist);
    Json manifest = Json::object({{"train", kTrain},
                                  {"head", twist.manifest_head},
                                  {"version", "v1.1.0"},
                                  {"passengers", Json::array()}});
    manifest_digest_ = digest_of(manifest.canonical());
    manifest.set("digest", manifest_digest_);
    tell("manifest", manifest, grace_);
    if (!twist.decides_late) decide(twist);
    begin(twist);
    if (twist.decides_late) decide(twist);
    tell("departure", departed("v1.1.0", clock_.now(), commit_id('a')), builder_);
    if (twist.is_audited)
      say("train/exception-audit/v1",
          Json::object({{"exception", request_}, {"outcome", "justified"}, {"finding", "seen"}}), alan_);
  }

  void write_exception(const Twist& twist) {
    Json request = parse_json(R"({"commit":")" + commit_id('a') +
                              R"(","manifest":null,"train":"2026-12","reason":"measured without it",
                              "scope":{"gates":["coverage"],"freezes":[],"scope_lock":false}})")
                       .value();
    const Time expires = clock_.now() + twist.exception_holds;
    request.set("expires", std::chrono::floor<std::chrono::seconds>(expires).time_since_epoch().count());
    request.set("id", "0011");
    request_ = say("train/exception-request/v1", request, ada_);
    request.set("request", request_);
    exception_ = say("train/exception/v1", request, twist.approves_own ? ada_ : grace_);
  }

  void decide(const Twist& twist) {
    Json conditions = Json::array(), approvals = Json::array(), exceptions = Json::array(),
         entries = Json::array();
    conditions.push_back(condition("tests", "pass", tests_));
    conditions.push_back(condition("coverage", "fail", coverage_));
    entries.push_back(approval_);
    approvals.push_back(Json::object({{"gate", "sign-off"}, {"entries", std::move(entries)}}));
    exceptions.push_back(
        Json::object({{"check", "coverage"}, {"request", request_}, {"approval", exception_}}));
    Json predicate =
        Json::object({{"decision", "GO"},
                      {"train", kTrain},
                      {"manifest", manifest_digest_},
                      {"conditions", std::move(conditions)},
                      {"approvals", std::move(approvals)},
                      {"exceptions", std::move(exceptions)},
                      {"policy", Json::object({{"source", "v1.0.0"}, {"digest", digest_of(kPolicyText)}})}});
    if (twist.decision) twist.decision(predicate);
    decision_ = say("train/decision/v1", predicate, builder_);
  }

  void begin(const Twist& twist) {
    ramp::StepEvent step;
    step.begin.emplace();
    step.begin->service = "shop";
    step.begin->commit = commit_id('a');
    step.begin->version = "v1.1.0";
    step.begin->baseline = "v1.0.0";
    step.begin->driver = "noop";
    step.begin->depart_at = clock_.now();
    if (twist.names_decision) step.begin->decision = twist.decides_late ? ledger_.size() + 1 : decision_;
    tell("step", ramp::to_json(step), builder_);
  }

  evidence::Bundle bundle() const {
    const TrainEvents events = read_events(ledger_, auditor_.trust, kTrain).value();
    const auto dossier = gather_dossier(ledger_, events);
    EXPECT_TRUE(dossier) << (dossier ? "" : dossier.error().message);
    evidence::Bundle out = evidence::make_bundle(ledger_, dossier->entries).value();
    out.decisions = dossier->decisions;
    out.policy = evidence::BundlePolicy{digest_of(kPolicyText), std::string(kPolicyText)};
    return evidence::parse_bundle(evidence::write_bundle(out)).value();
  }

  Audit audit(const evidence::Bundle& held, Duration later = hours(1)) const {
    const auto exhibits = open_exhibits(held, auditor_);
    EXPECT_TRUE(exhibits) << (exhibits ? "" : exhibits.error().message);
    return exhibits ? audit_train(*exhibits, clock_.now() + later) : Audit();
  }
  Audit audit_of(const Twist& twist, Duration later = hours(1)) {
    write_story(twist);
    return audit(bundle(), later);
  }

  static const Check& check(const Audit& audit, const std::string& name) {
    const auto found = std::find_if(audit.checks.begin(), audit.checks.end(),
                                    [&](const Check& one) { return one.name.starts_with(name); });
    static const Check none;
    if (found != audit.checks.end()) return *found;
    ADD_FAILURE() << "nobody asked: " << name;
    return none;
  }
  static void expect_red(const Audit& audit, const std::string& name, const std::string& words) {
    const Check& found = check(audit, name);
    EXPECT_EQ(found.verdict, Verdict::fail) << name << ": " << found.answer;
    EXPECT_NE(found.answer.find(words), std::string::npos) << found.answer;
  }

  TemporaryDirectory folder_;
  FixedClock clock_{TestLog::start()};
  std::unique_ptr<store::Database> database_;
  SigningKey log_;
  evidence::PublicKey log_key_;
  evidence::Ledger ledger_;
  SigningKey builder_ = SigningKey::generate("builder"), ada_ = SigningKey::generate("ada"),
             grace_ = SigningKey::generate("grace"), alan_ = SigningKey::generate("alan");
  AuditorTrust auditor_;
  std::int64_t last_ = -1;
  std::uint64_t tests_ = 0, coverage_ = 0, approval_ = 0, request_ = 0, exception_ = 0, decision_ = 0;
  std::string manifest_digest_;
};

TEST_F(AuditTest, ATrainThatLeftByItsRulesIsShownToHaveDoneSo) {
  const Audit seen = audit_of({});
  for (const Check& one : seen.checks) {
    const Verdict wanted = one.name == "gate coverage" ? Verdict::warn : Verdict::pass;
    EXPECT_EQ(one.verdict, wanted) << one.name << ": " << one.answer;
  }
  EXPECT_EQ(seen.checks.size(), 12U);
  EXPECT_EQ(seen.decision, decision_);
  EXPECT_NE(check(seen, "exception").answer.find("ada asked, grace approved; alan audited it"),
            std::string::npos);
}

// All but the tests of the other commit.
TEST_F(AuditTest, TheFileHoldsWhatTheTrainIsAboutAndNothingElse) {
  write_story({});
  std::vector<std::uint64_t> indexes;
  for (const evidence::BundleEntry& entry : bundle().entries) indexes.push_back(entry.index);
  EXPECT_EQ(indexes, (std::vector<std::uint64_t>{0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
  EXPECT_EQ(bundle().decisions, std::vector<std::uint64_t>{decision_});
}

TEST_F(AuditTest, BeforeItLeavesThereIsNothingToAudit) {
  ScheduleEvent made;
  made.departs = TestLog::start() + hours(1);
  tell("schedule", to_json(made), builder_);
  const TrainEvents events = read_events(ledger_, auditor_.trust, kTrain).value();
  EXPECT_EQ(gather_dossier(ledger_, events).error().kind, ErrorKind::conflict);
}

TEST_F(AuditTest, ADecisionThatSaysNoIsFound) {
  expect_red(audit_of({.decision = [](Json& said) { said.set("decision", "NO-GO"); }}), "decision",
             "it says NO-GO");
}

TEST_F(AuditTest, ADecisionAboutAnotherTrainIsFound) {
  expect_red(audit_of({.decision = [](Json& said) { said.set("train", "2027-01"); }}), "decision",
             "it is about another train");
}

TEST_F(AuditTest, ADecisionThatCameLateIsFound) {
  expect_red(audit_of({.decides_late = true}), "decision", "it came after the attempt had begun");
}

TEST_F(AuditTest, AnAttemptWithoutADecisionIsFound) {
  expect_red(audit_of({.names_decision = false}), "decision", "the attempt names no decision");
}

TEST_F(AuditTest, EvidenceThatIsNotWhatTheDecisionSawIsFound) {
  expect_red(
      audit_of({.decision =
                    [this](Json& said) {
                      Json inputs = Json::array(), conditions = Json::array();
                      inputs.push_back(Json::object({{"index", tests_}, {"envelope", digest_of("another")}}));
                      conditions.push_back(Json::object(
                          {{"name", "tests"}, {"result", "pass"}, {"inputs", std::move(inputs)}}));
                      said.set("conditions", std::move(conditions));
                    }}),
      "gate tests", "another one than the decision saw");
}

TEST_F(AuditTest, EvidenceThatCameAfterTheDecisionIsFound) {
  expect_red(
      audit_of({.decision =
                    [this](Json& said) {
                      Json inputs = Json::array(), conditions = Json::array();
                      inputs.push_back(Json::object({{"index", ledger_.size() + 2}, {"envelope", ""}}));
                      conditions.push_back(Json::object(
                          {{"name", "tests"}, {"result", "pass"}, {"inputs", std::move(inputs)}}));
                      said.set("conditions", std::move(conditions));
                    }}),
      "gate tests", "came after the decision");
}

TEST_F(AuditTest, ARedGateWithoutAnExceptionIsFound) {
  expect_red(audit_of({.decision = [](Json& said) { said.set("exceptions", Json::array()); }}),
             "gate coverage", "it said no");
}

TEST_F(AuditTest, AWordThatIsNoApprovalIsFound) {
  expect_red(
      audit_of(
          {.decision =
               [this](Json& said) {
                 Json entries = Json::array(), approvals = Json::array();
                 entries.push_back(tests_);
                 approvals.push_back(Json::object({{"gate", "sign-off"}, {"entries", std::move(entries)}}));
                 said.set("approvals", std::move(approvals));
               }}),
      "approvals of sign-off", "is no yes to this commit");
}

TEST_F(AuditTest, AnExceptionThatSomebodyGaveToThemselvesIsFound) {
  expect_red(audit_of({.approves_own = true}), "exception", "ada approved what ada had asked for");
}

TEST_F(AuditTest, AnExceptionFromAnotherGateIsFound) {
  expect_red(audit_of({.decision =
                           [this](Json& said) {
                             Json exceptions = Json::array();
                             exceptions.push_back(Json::object(
                                 {{"check", "tests"}, {"request", request_}, {"approval", exception_}}));
                             said.set("exceptions", std::move(exceptions));
                           }}),
             "exception", "it is for something else");
}

TEST_F(AuditTest, AnExceptionThatHadExpiredIsFound) {
  expect_red(audit_of({.exception_holds = std::chrono::minutes(2)}), "exception", "it had expired");
}

// Five working days from a Monday are the Monday after.
TEST_F(AuditTest, AnAuditIsOwedAndThenOverdue) {
  write_story({.is_audited = false});
  EXPECT_EQ(check(audit(bundle()), "exception").verdict, Verdict::warn);
  EXPECT_EQ(check(audit(bundle(), hours(24 * 6)), "exception").verdict, Verdict::warn);
  expect_red(audit(bundle(), hours(24 * 8)), "exception", "its audit was due 2025-12-08T");
}

TEST_F(AuditTest, AManifestOfAnotherCommitIsFound) {
  expect_red(audit_of({.manifest_head = commit_id('c')}), "manifest", "its commit is not the one that left");
}

TEST_F(AuditTest, WhatIsTakenOutOfTheStoryIsMissed) {
  write_story({});
  evidence::Bundle held = bundle();
  held.entries.erase(held.entries.begin());
  expect_red(audit(held), "story", "entry 7 follows entry 0, which is not here");
}

TEST_F(AuditTest, APolicyIsTheOneThatTheDecisionNames) {
  write_story({});
  evidence::Bundle held = bundle();
  held.policy = evidence::BundlePolicy{digest_of("{}"), "{}"};
  expect_red(audit(held), "policy", "and the decision names " + digest_of(kPolicyText));
  held.policy->text = "{ }";
  expect_red(audit(held), "log", "policy: its digest is not that of its text");
  held.policy.reset();
  EXPECT_EQ(check(audit(held), "policy").verdict, Verdict::warn);
}

TEST_F(AuditTest, OnlyKeysThatTheAuditorTrustsCount) {
  write_story({});
  std::erase_if(auditor_.trust.keys, [](const evidence::TrustedKey& one) { return one.key.name == "ada"; });
  const evidence::Bundle held = bundle();
  expect_red(audit(held), "signatures", "unknown key");
  expect_red(audit(held), "exception", "no trusted key signed entry");
  auditor_.log_keys = {ada_.public_key()};
  const Audit other_log = audit(held);
  ASSERT_EQ(other_log.checks.size(), 1U);
  expect_red(other_log, "log", "checkpoint");
}

TEST_F(AuditTest, ALogKeyRevokedBeforeTheNewestEntryDoesNotCount) {
  write_story({});
  const evidence::Bundle held = bundle();
  evidence::TrustedKey log;
  log.key = log_key_;
  log.roles = {"log"};
  log.revoked_at = clock_.now() + std::chrono::hours(1);
  auditor_.trust.keys.push_back(log);
  EXPECT_EQ(check(audit(held), "log").verdict, Verdict::pass) << "it came before";
  auditor_.trust.keys.back().revoked_at = clock_.now() - std::chrono::seconds(90);
  expect_red(audit(held), "log", "the log's key was revoked at");
}

// Three tests, none failed: yes. A coverage of 71 where 80 is wanted: no.
TEST_F(AuditTest, GatesForEvidenceSayTheSameAgain) {
  write_story({});
  const Exhibits exhibits = open_exhibits(bundle(), auditor_).value();
  gates::Evaluator evaluator;
  const auto same = replay_gates(exhibits, *exhibits.find(decision_), evaluator).value();
  ASSERT_EQ(same.size(), 2U);
  EXPECT_EQ(same[0].verdict, Verdict::pass) << same[0].answer;
  EXPECT_EQ(same[0].answer, "yes");
  EXPECT_EQ(same[1].verdict, Verdict::pass) << same[1].answer;
  EXPECT_EQ(same[1].answer, "no: the condition is false");
}

TEST_F(AuditTest, AGateThatIsSaidToHaveSaidYesIsFound) {
  write_story({.decision = [this](Json& said) {
    Json conditions = Json::array();
    conditions.push_back(condition("coverage", "pass", coverage_));
    said.set("conditions", std::move(conditions));
  }});
  const Exhibits exhibits = open_exhibits(bundle(), auditor_).value();
  gates::Evaluator evaluator;
  const auto checks = replay_gates(exhibits, *exhibits.find(decision_), evaluator).value();
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].verdict, Verdict::fail);
  EXPECT_EQ(checks[0].answer, "no: the condition is false");
}

TEST_F(AuditTest, ABundleOfSomethingElseIsRefused) {
  write_story({});
  const evidence::Bundle other = evidence::make_bundle(ledger_, {tests_}).value();
  EXPECT_EQ(open_exhibits(other, auditor_).error().kind, ErrorKind::bad_input);
}

}  // namespace
}  // namespace signalbox::train::after
