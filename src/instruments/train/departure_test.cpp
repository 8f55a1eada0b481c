// Whole decisions over real repositories, a real log and real keys.
#include <fmt/core.h>

#include "core/base/file.hpp"
#include "core/evidence/trust_change.hpp"
#include "instruments/train/after/action.hpp"
#include "instruments/train/boarding/desk.hpp"
#include "instruments/train/departure_fixture.hpp"
#include "instruments/train/routes.hpp"

namespace signalbox::train {
namespace {

// As sha256sum prints it of a file `app` that holds "abc".
constexpr const char* kSumOfAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  app\n";
constexpr std::size_t kDigestDigits = 64;

TEST_F(Departure, WithoutConfigurationTestsChangelogFreezeAndScoreAreAsked) {
  make({}, {});
  const Decision decision = judged();
  EXPECT_FALSE(decision.is_go());
  EXPECT_EQ(decision.blockers(), (std::vector<std::string>{"tests", "changelog", "readiness"}));
  EXPECT_EQ(check_of(decision, "tests").reason, "missing");
  EXPECT_TRUE(decision.policy.trust.self_trusted);
  EXPECT_TRUE(decision.fix.starts_with("signalbox train notes --prepend CHANGELOG.md && git add"))
      << decision.fix;
  EXPECT_TRUE(decision.fix.ends_with("signalbox evidence add junit results.xml --subject git:HEAD"));
}

TEST_F(Departure, TheChangelogOfAWorkspaceBelowTheTopOfItsRepositoryIsFound) {
  const std::string yaml = "services/api/signalbox.yaml";
  make({{yaml, "name: api\n"}}, {{yaml, "name: api\n"}, {"services/api/CHANGELOG.md", kChangelog}});
  workspace_ = find_workspace(scratch_->path() / "services/api").value();
  const Decision decision = judged();
  EXPECT_EQ(check_of(decision, "changelog").verdict, Verdict::pass);
}

TEST_F(Departure, EvidenceOfGoodTestsTurnsItGreenWithItsIndexAndAge) {
  make({}, {{"CHANGELOG.md", kChangelog}});
  record_tests(7, 0);
  clock_.advance(std::chrono::minutes(5));
  const Decision decision = judged();
  EXPECT_TRUE(decision.is_go());
  const Check& tests = check_of(decision, "tests");
  EXPECT_EQ(tests.answer, "7 tests, none failed");
  EXPECT_EQ(tests.evidence, 0);
  EXPECT_EQ(tests.age_s, 300);
  EXPECT_EQ(decision.fix, "");
  EXPECT_EQ(decision.score.value(), 100);
}

TEST_F(Departure, FailedTestsScoreByTheirPart) {
  make({}, {{"CHANGELOG.md", kChangelog}});
  record_tests(10, 4);
  const Decision decision = judged();
  EXPECT_EQ(decision.blockers(), (std::vector<std::string>{"tests", "readiness"}));
  EXPECT_DOUBLE_EQ(decision.score.value(), 60);
  EXPECT_EQ(check_of(decision, "tests").reason, "condition");
}

TEST_F(Departure, AWayBackWhoseArtifactIsGoneIsSeenBeforeTheDeparture) {
  const std::string policy = std::string(kNoGates) +
                             "  preflight:\n    artifacts: {file: app, checksums: SUMS, previous: {file: "
                             "'old/{version}', checksums: "
                             "old/SUMS}}\n";
  make({{"signalbox.yaml", policy}, {".gitignore", "old\n"}}, {{"app", "abc"}, {"SUMS", kSumOfAbc}});
  const Check gone = check_of(judged(), "artifacts");
  EXPECT_EQ(gone.verdict, Verdict::fail);
  EXPECT_EQ(gone.reason, "previous");
  EXPECT_TRUE(gone.answer.starts_with("a rollback would go to v1.0.0: ")) << gone.answer;
  ASSERT_TRUE(replace_file(workspace_.root / "old" / "1.0.0", "abc"));
  ASSERT_TRUE(replace_file(workspace_.root / "old" / "SUMS",
                           std::string(kSumOfAbc).replace(kDigestDigits + 2, 3, "1.0.0")));
  EXPECT_EQ(check_of(judged(), "artifacts").verdict, Verdict::pass);
}

TEST_F(Departure, EvidenceAboutAnotherCommitDoesNotCount) {
  make({}, {{"CHANGELOG.md", kChangelog}});
  record_tests(7, 0);
  scratch_->git({"commit", "-q", "--allow-empty", "-m", "fix: third"});
  EXPECT_EQ(check_of(judged(), "tests").reason, "missing");
}

TEST_F(Departure, WhatWasNeverRecordedIsNotAskedForAndWhatWasIs) {
  make({}, {{"CHANGELOG.md", kChangelog}});
  record_tests(7, 0);
  EXPECT_EQ(judged().score.items.size(), 1u);
  evidence::Statement findings;
  findings.subjects = {{"x", {{"gitCommit", std::string(40, 'a')}}}};
  findings.predicate_type = "https://signalbox.dev/evidence/findings/v1";
  findings.predicate = Json::object({{"counts", Json::object({{"error", 0}})}});
  const evidence::SigningKey key = book_->signing_key().value();
  ASSERT_TRUE(book_->ledger().append({evidence::write_envelope(evidence::sign_envelope(
      evidence::kPayloadType, evidence::write_statement(findings).value(), {&key}))}));
  const Decision decision = judged();
  EXPECT_EQ(decision.score.items.size(), 2u);
  EXPECT_EQ(decision.blockers(), std::vector<std::string>{"readiness"});
  EXPECT_DOUBLE_EQ(decision.score.value(), 60);  // 30 of 30 + 20
  EXPECT_EQ(decision.fix, "signalbox evidence add sarif results.sarif --subject git:HEAD");
}

TEST_F(Departure, TheCandidateCannotWeakenTheGatesThatJudgeIt) {
  make({{"signalbox.yaml", "train:\n  changelog: false\n"}}, {{"signalbox.yaml", kNoGates}});
  const Decision decision = judged();
  EXPECT_EQ(decision.blockers(), (std::vector<std::string>{"tests", "readiness"}));
  EXPECT_TRUE(decision.policy.source.starts_with("signalbox.yaml of v1.0.0"));
  ASSERT_EQ(decision.policy.remarks.size(), 1u);
  EXPECT_EQ(decision.policy.remarks[0].rule, "train/policy-changes");
  scratch_->git({"commit", "-q", "--allow-empty", "-m", "fix: after"});
  EXPECT_FALSE(judged().is_go());  // nor by a commit after it
}

TEST_F(Departure, TaggingTheCandidateDoesNotMakeItItsOwnJudge) {
  make({}, {{"signalbox.yaml", kNoGates}});
  scratch_->git({"tag", "v9.0.0"});
  EXPECT_FALSE(judged().is_go());
}

TEST_F(Departure, BeforeTheFirstReleaseTheBuiltInPolicyJudges) {
  git::History history;
  history.commit({"feat: first", {}, 1, "A <a@a>", {{"signalbox.yaml", kNoGates}}});
  use(history);
  const Decision decision = judged();
  EXPECT_FALSE(decision.is_go());
  EXPECT_EQ(decision.policy.source, "the built-in policy");
}

TEST_F(Departure, TheOperatorMayNameAPolicyButNotTheCandidate) {
  make({{"signalbox.yaml", kNoGates}}, {});
  DepartureQuery query;
  query.policy_ref = "HEAD";
  const auto refused = judge(query);
  ASSERT_FALSE(refused);
  EXPECT_EQ(exit_code(refused.error().kind), 2);
  query.policy_ref = "v1.0.0";
  EXPECT_TRUE(judged(query).is_go());
}

TEST_F(Departure, ThePolicyRefOfTheReleaseIsFollowedUnlessItIsTheCandidate) {
  make({{"signalbox.yaml", "train:\n  policy_ref: main\n"}}, {{"signalbox.yaml", kNoGates}});
  const Decision own = judged();  // main is HEAD
  EXPECT_FALSE(own.is_go());
  EXPECT_EQ(own.policy.remarks[0].rule, "train/policy-is-candidate");
  scratch_->git({"checkout", "-q", "-b", "work"});
  scratch_->git({"commit", "-q", "--allow-empty", "-m", "fix: after"});
  EXPECT_TRUE(judged().is_go());
  EXPECT_TRUE(judged().policy.source.starts_with("signalbox.yaml of main"));
  scratch_->git({"branch", "-q", "-D", "main"});
  EXPECT_EQ(exit_code(judge().error().kind), 3);
}

TEST_F(Departure, APolicyThatCannotBeReadIsRefusedWithItsPlace) {
  make({{"signalbox.yaml", "train:\n  gates:\n    - name: a\n      typ: x\n"}}, {});
  const auto decision = judge();
  ASSERT_FALSE(decision);
  EXPECT_EQ(exit_code(decision.error().kind), 2);
  EXPECT_NE(decision.error().message.find("signalbox.yaml@"), std::string::npos) << decision.error().message;
  EXPECT_NE(decision.error().message.find(":4:"), std::string::npos) << decision.error().message;
}

TEST_F(Departure, AFreezeStopsTheTrainAndSaysUntilWhenAndWhy) {
  make({{"signalbox.yaml",
         "train:\n  gates: []\n  rubric: []\n  changelog: false\n  freeze:\n    - name: year's end\n"
         "      start: 2025-06-01T00:00:00Z\n      end: 2025-07-01T00:00:00Z\n      reason: nobody is "
         "there\n"}},
       {});
  const Decision frozen = judged();
  EXPECT_EQ(frozen.blockers(), std::vector<std::string>{"freeze"});
  EXPECT_EQ(check_of(frozen, "freeze").answer, "year's end until 2025-07-01T00:00:00Z: nobody is there");
  EXPECT_EQ(frozen.fix, "signalbox train check   # from 2025-07-01T00:00:00Z on");
  clock_.set(Time(std::chrono::seconds(1'760'000'000)));
  EXPECT_TRUE(judged().is_go());
}

constexpr const char* kFreezeByFile =
    "train:\n  gates: []\n  rubric: []\n  changelog: false\n  freeze:\n    - name: holidays\n"
    "      ics: days/off.ics\n      timezone: Europe/Berlin\n";

std::string day_off(const char* date) {
  return std::string("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:a\r\nSUMMARY:a day off\r\nDTSTART;VALUE=DATE:") +
         date + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
}

// The clock shows June 15, 2025: 15:06:40 UTC.
TEST_F(Departure, HolidaysAreReadFromTheLastReleaseAndNotFromTheCandidate) {
  make({{"signalbox.yaml", kFreezeByFile}, {"days/off.ics", day_off("20250615")}},
       {{"days/off.ics", day_off("20250101")}});
  const Decision frozen = judged();
  EXPECT_EQ(frozen.blockers(), std::vector<std::string>{"freeze"});
  EXPECT_EQ(check_of(frozen, "freeze").answer, "holidays until 2025-06-15T22:00:00Z: a day off");
  ASSERT_EQ(frozen.policy.remarks.size(), 1U) << "the other list of holidays is a change of the policy";
  EXPECT_EQ(frozen.policy.remarks[0].rule, "train/policy-changes");
}

TEST_F(Departure, ABrokenFileOfHolidaysIsWrongInputAndNeverNoFreeze) {
  make({{"signalbox.yaml", kFreezeByFile}, {"days/off.ics", day_off("20251399")}}, {});
  const auto broken = judge();
  ASSERT_FALSE(broken);
  EXPECT_EQ(exit_code(broken.error().kind), 2);
  EXPECT_TRUE(broken.error().message.starts_with("days/off.ics:5:20: ")) << broken.error().message;
  make({{"signalbox.yaml", kFreezeByFile}}, {});
  const auto absent = judge();
  ASSERT_FALSE(absent);
  EXPECT_EQ(exit_code(absent.error().kind), 2);
  EXPECT_NE(absent.error().message.find("days/off.ics is not in this commit"), std::string::npos)
      << absent.error().message;
}

TEST_F(Departure, AConfiguredGateIsJudgedWithItsOwnRemedy) {
  make({{"signalbox.yaml",
         "train:\n  changelog: false\n  pass_at: 0\n  gates:\n    - name: speed\n      type: "
         "profile/regression/v1\n"
         "      require: eq(.predicate.verdict; \"pass\")\n      remedy: make measure\n"}},
       {});
  EXPECT_EQ(judged().fix, "make measure");
}

TEST_F(Departure, WhatTurnsGatesGreenIsNotAskedAgainForTheScore) {
  make({{"signalbox.yaml",
         "train:\n  changelog: false\n  pass_at: 80\n  rubric: []\n  gates:\n"
         "    - {name: tests, type: evidence/tests/v1, weight: 50, require: gt(.predicate.tests; 0)}\n"
         "    - {name: parts, type: evidence/sbom/v1, weight: 50, require: gt(.predicate.components; 0)}\n"}},
       {});
  EXPECT_EQ(judged().fix,
            "signalbox evidence add junit results.xml --subject git:HEAD && "
            "signalbox evidence add sbom bom.json --subject git:HEAD");
}

TEST_F(Departure, ACommandOfTheConfigurationRunsOnlyOnceAllowed) {
  const std::string yaml =
      "train:\n  changelog: false\n  pass_at: 0\n  gates:\n    - name: own\n      command: [touch, ran]\n";
  make({{"signalbox.yaml", yaml}}, {});
  const Decision before = judged();
  EXPECT_EQ(check_of(before, "own").reason, "not-allowed");
  EXPECT_FALSE(std::filesystem::exists(workspace_.root / "ran"));
  ASSERT_TRUE(gates::allow(yaml, (workspace_.root / "signalbox.yaml").string(), clock_.now()));
  DepartureQuery never;
  never.commands = DepartureQuery::Commands::never;
  EXPECT_FALSE(judged(never).is_go());
  EXPECT_TRUE(judged().is_go());
  EXPECT_TRUE(std::filesystem::exists(workspace_.root / "ran"));
}

TEST_F(Departure, TheRepositorysOwnTestProgramIsTheRemedy) {
  make({}, {{"CHANGELOG.md", kChangelog}, {"test", "#!/bin/sh\n# --fast: records evidence\n"}});
  EXPECT_EQ(judged().fix, "./test --fast");
}

TEST_F(Departure, TheDecisionNamesPolicyInputsAndWhoseWordItIs) {
  make({}, {{"CHANGELOG.md", kChangelog}});
  record_tests(7, 0);
  const evidence::Statement statement = decision_statement(judged(), "me");
  EXPECT_EQ(statement.predicate_type, "https://signalbox.dev/train/decision/v1");
  EXPECT_EQ(statement.predicate["decision"].as_string(), "GO");
  EXPECT_EQ(statement.predicate["score"].as_number(), 100);
  EXPECT_EQ(statement.predicate["blockers"].size(), 0u);
  EXPECT_TRUE(statement.predicate["self_trusted"].as_bool());
  EXPECT_TRUE(statement.predicate["policy"]["digest"].as_string().starts_with("sha256:"));
  EXPECT_EQ(statement.predicate["conditions"].items()[0]["inputs"].items()[0]["index"].as_integer(), 0);
  EXPECT_EQ(statement.subjects[0].digest.at("gitCommit"), scratch_->git({"rev-parse", "HEAD"}));
}

class Sink final : public http::EventSink {
 public:
  bool send(std::string_view event, std::string_view id, std::string_view data) override {
    events.push_back(std::string(event));
    ids.push_back(std::string(id));
    last = parse_json(data).value();
    return true;
  }
  std::vector<std::string> events, ids;
  Json last;
};

TEST_F(Departure, AReleaseTagThatWasMovedSinceItsDepartureIsNamedWithBothCommits) {
  make({{"signalbox.yaml", kNoGates}}, {{"signalbox.yaml", kNoGates}});
  const std::string first = scratch_->git({"rev-parse", "HEAD~1"});
  const std::string second = scratch_->git({"rev-parse", "HEAD"});
  const auto departed = append_event(*book_,
                                     {.train = "one",
                                      .kind = "departure",
                                      .predicate = Json::object({{"version", "v1.0.0"}, {"commit", first}}),
                                      .also_about = {{"", {{"gitCommit", first}}}}},
                                     -1);
  ASSERT_TRUE(departed) << departed.error().message;
  EXPECT_TRUE(judged().is_go());

  scratch_->git({"commit", "--allow-empty", "-m", "feat: third"});
  scratch_->git({"tag", "--force", "v1.0.0", second});
  const Decision after = judged();
  EXPECT_FALSE(after.is_go());
  const Check& check = check_of(after, "tags");
  EXPECT_EQ(check.verdict, Verdict::fail);
  EXPECT_EQ(check.answer, "tag v1.0.0 moved: entry " + std::to_string(departed->index) + " says " +
                              first.substr(0, 12) + ", the repository says " + second.substr(0, 12));
  EXPECT_EQ(check.remedy, "git tag --force v1.0.0 " + first);

  scratch_->git({"tag", "--force", "v1.0.0", first});
  EXPECT_TRUE(judged().is_go()) << "the remedy turns it green";
}

TEST_F(Departure, ATrustFileThatRootKeysDidNotBringIntoForceLetsNothingLeave) {
  const auto root = evidence::SigningKey::generate("root");
  const auto mallory = evidence::SigningKey::generate("mallory");
  const auto file = [](const evidence::SigningKey& key) {
    return "  roots: 1\n  keys:\n    - {vkey: \"" + key.public_key().vkey() + "\", roles: [root]}\n";
  };
  const std::string yaml = std::string(kNoGates) + "trust:\n" + file(root);
  make({{"signalbox.yaml", yaml}}, {{"signalbox.yaml", yaml}});
  const evidence::Trust trust = judged().policy.trust;
  EXPECT_EQ(check_of(judged(), "trust").answer, "not enough root keys have said so in this log");
  EXPECT_FALSE(judged().is_go());

  const auto say = [&](const evidence::Trust* before, const evidence::Trust& after,
                       const evidence::SigningKey& by) {
    const auto statement = evidence::trust_change_statement(before, after);
    ASSERT_TRUE(statement) << statement.error().message;
    const auto signed_by =
        evidence::sign_envelope(evidence::kPayloadType, *evidence::write_statement(*statement), {&by});
    ASSERT_TRUE(book_->append({evidence::write_envelope(signed_by)}));
  };
  say(nullptr, trust, root);
  EXPECT_TRUE(judged().is_go());
  EXPECT_EQ(check_of(judged(), "trust").answer.substr(0, 14), "since entry 0 ")
      << check_of(judged(), "trust").answer;

  // The next release carries a file that nobody with a root key of this one ever signed.
  ASSERT_TRUE(
      replace_file(workspace_.root / "signalbox.yaml", std::string(kNoGates) + "trust:\n" + file(mallory)));
  scratch_->git({"commit", "--all", "-m", "feat: other keys"});
  scratch_->git({"tag", "v1.1.0"});
  scratch_->git({"commit", "--allow-empty", "-m", "feat: by them"});
  const Decision after = judged();
  EXPECT_FALSE(after.is_go());
  EXPECT_EQ(after.blockers(), std::vector<std::string>{"trust"});
  EXPECT_TRUE(check_of(after, "trust").answer.starts_with("another one is in force since entry 0 of "));
  say(&trust, after.policy.trust, mallory);
  EXPECT_FALSE(judged().is_go()) << "the key is none of the file before";
  say(&trust, after.policy.trust, root);
  EXPECT_TRUE(judged().is_go());

  // One without any trust file would leave everything to the keys of this machine.
  ASSERT_TRUE(replace_file(workspace_.root / "signalbox.yaml", kNoGates));
  scratch_->git({"commit", "--all", "-m", "feat: no keys"});
  scratch_->git({"tag", "v1.2.0"});
  scratch_->git({"commit", "--allow-empty", "-m", "feat: by nobody"});
  EXPECT_EQ(judged().blockers(), std::vector<std::string>{"trust"});
}

TEST_F(Departure, RoutesGiveThePlanTheDecisionAndAStreamOfItsChanges) {
  make({}, {{"CHANGELOG.md", kChangelog}});
  auto services = std::make_shared<Services>(Services{workspace_, clock_, "", {}, nullptr});
  auto* database = &book_->database();
  services->database = [database]() -> Result<store::Database*> { return database; };
  const std::vector<http::Route> all = routes(services);
  ASSERT_GE(all.size(), 3u);
  const auto plan = all[0].handle({}).value();
  const Json plan_json = parse_json(plan.shared_body ? *plan.shared_body : plan.body).value();
  EXPECT_EQ(plan_json["data"]["next_version"].as_string(), "1.1.0");
  EXPECT_EQ(plan_json["data"]["commits"]["total"].as_integer(), 1);
  Sink sink;
  const std::string first = all[2].events({}, "", sink).value();
  EXPECT_EQ(sink.last["data"]["decision"].as_string(), "NO-GO");
  EXPECT_EQ(all[2].events({}, first, sink).value(), first);
  EXPECT_EQ(sink.events, std::vector<std::string>{"decision"});
  record_tests(3, 0);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (sink.events.size() == 1 && std::chrono::steady_clock::now() < until)
    ASSERT_TRUE(all[2].events({}, first, sink));
  EXPECT_EQ(sink.last["data"]["decision"].as_string(), "GO");
  EXPECT_EQ(parse_json(*all[1].handle({}).value().shared_body).value()["verdict"].as_string(), "pass");
}

// Amber by default, red where the last release says so; what the candidate says of it counts for nothing.
TEST_F(Departure, AnOverdueActionWarnsOrHoldsBack) {
  for (const auto& [rule, verdict] : {std::pair{"warn", Verdict::warn}, std::pair{"block", Verdict::fail}}) {
    const std::string own = fmt::format("  reviews: {{overdue: {}}}\n", rule);
    make({{"signalbox.yaml", kNoGates + own}}, {{"signalbox.yaml", kNoGates}});
    EXPECT_TRUE(judged().is_go());
    after::ActionEvent action;
    action.item = {"a1", after::ActionClass::detect, "alarm", "ada", clock_.now() + std::chrono::hours(1)};
    ASSERT_TRUE(append_event(*book_, {.train = "one", .kind = "action", .predicate = to_json(action)}, -1));
    EXPECT_TRUE(judged().is_go());
    clock_.advance(std::chrono::hours(2));
    const Decision decision = judged();
    EXPECT_EQ(check_of(decision, "reviews").verdict, verdict);
    EXPECT_EQ(check_of(decision, "reviews").answer, "action a1 of train one is 1h overdue: alarm (ada)");
    EXPECT_EQ(decision.is_go(), verdict == Verdict::warn);
  }
}

}  // namespace
}  // namespace signalbox::train
