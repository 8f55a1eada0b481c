// Gates that ask CI, the SLO engine, the clock, a file, a score or people: read, told, and judged over a real
// log.
#include <fstream>

#include "core/base/digest.hpp"
#include "core/evidence/redaction.hpp"
#include "core/gates/gate_fixture.hpp"

namespace signalbox::gates {
namespace {

using CiKind = CiAnswer::Kind;

CiRun run(const std::string& job, CiRun::Outcome outcome, std::int64_t order = 0,
          const std::string& commit = kCommit) {
  return {job, commit, outcome, outcome == CiRun::Outcome::success ? "success" : "failure", "", order};
}

CiRun told_by(const std::string& who, CiRun run) {
  run.told_by = who;
  return run;
}

constexpr auto kGood = CiRun::Outcome::success;
constexpr auto kBad = CiRun::Outcome::failure;
constexpr auto kStill = CiRun::Outcome::running;

TEST(CiRuns, EachJobThatIsAskedForHasToBeGreenOnThisCommit) {
  const CiRule two{{"unit", "lint"}, CiRule::Source::evidence, "", ""};
  const CiRule any{{}, CiRule::Source::evidence, "", ""};
  const struct {
    const char* what;
    CiRule rule;
    std::vector<CiRun> runs;
    CiKind wanted;
  } cases[] = {
      {"both", two, {run("unit", kGood), run("lint", kGood)}, CiKind::green},
      {"one lacks", two, {run("unit", kGood)}, CiKind::missing},
      {"one is red", two, {run("unit", kGood), run("lint", kBad)}, CiKind::failed},
      {"red before missing", two, {run("lint", kBad)}, CiKind::failed},
      {"one runs", two, {run("unit", kGood), run("lint", kStill)}, CiKind::running},
      {"the newest counts",
       two,
       {run("unit", kBad, 1), run("lint", kGood), run("unit", kGood, 2)},
       CiKind::green},
      {"in any order",
       two,
       {run("unit", kGood, 1), run("lint", kGood), run("unit", kBad, 2), run("unit", kGood, 0)},
       CiKind::failed},
      {"one tool's word does not replace another's",
       two,
       {told_by("report", run("unit", kBad, 1)), told_by("tests", run("unit", kGood, 2)), run("lint", kGood)},
       CiKind::failed},
      {"both tools agree",
       two,
       {told_by("report", run("unit", kGood, 1)), told_by("tests", run("unit", kGood, 2)),
        run("lint", kGood)},
       CiKind::green},
      {"others do not matter",
       two,
       {run("unit", kGood), run("lint", kGood), run("docs", kBad)},
       CiKind::green},
      {"all of them", any, {run("unit", kGood), run("docs", kBad)}, CiKind::failed},
      {"nothing at all", any, {}, CiKind::missing},
      {"another commit",
       two,
       {run("unit", kGood), run("lint", kGood, 0, kOtherCommit)},
       CiKind::other_commit},
  };
  for (const auto& one : cases)
    EXPECT_EQ(judge_runs(one.rule, kCommit, one.runs).kind, one.wanted) << one.what;
}

class FixedServer final : public CiServer {
 public:
  Result<std::vector<CiRun>> runs(const CiRule& rule, const std::string& commit) override {
    asked = rule.repository + "@" + commit;
    return answer;
  }
  Result<std::vector<CiRun>> answer = std::vector<CiRun>{};
  std::string asked;
};

TEST_F(GateTest, CiAsksTheLogForEachJob) {
  const Gate gate = *gate_from("{name: ci, kind: ci, jobs: [unit, sast], signer: builder}");
  EXPECT_EQ(judged(gate).answer, "nothing of unit, sast");
  EXPECT_EQ(judged(gate).remedy, "signalbox evidence add junit results.xml --job JOB --subject git:HEAD");
  const std::vector<evidence::Subject> here = {{"r", {{"gitCommit", kCommit}}}};
  const Json good =
      Json::object({{"job", "unit"}, {"tool", "gtest"}, {"tests", 3}, {"failures", 0}, {"errors", 0}});
  record(good, {&builder_});
  record("evidence/findings/v1", Json::object({{"tool", "sast"}, {"counts", Json::object({{"error", 0}})}}),
         {&builder_}, here);
  clock_.advance(std::chrono::seconds(5));
  const Check check = judged(gate);
  EXPECT_EQ(check.verdict, Verdict::pass) << check.answer;
  EXPECT_EQ(check.answer, "green: sast, unit");
  EXPECT_EQ(check.age_s, 5);
  record("evidence/findings/v1", Json::object({{"tool", "sast"}, {"counts", Json::object()}}), {&builder_},
         here);
  EXPECT_EQ(judged(gate).reason, "condition") << "counts that are not there are not zero";
  record("evidence/findings/v1", Json::object({{"tool", "sast"}, {"counts", Json::object({{"error", 0}})}}),
         {&stranger_}, here);
  EXPECT_EQ(judged(gate).reason, "condition") << "a stranger's word changes nothing";
}

TEST_F(GateTest, CiCountsWhatIsTooOldAndWhatWasErased) {
  const Json good = Json::object({{"job", "unit"}, {"tests", 3}, {"failures", 0}, {"errors", 0}});
  const Json bad = Json::object({{"job", "unit"}, {"tests", 3}, {"failures", 1}, {"errors", 0}});
  const Gate all = *gate_from("{name: ci, kind: ci, max_age: 1h}");
  const Gate unit = *gate_from("{name: ci, kind: ci, jobs: [unit]}");
  record(good, {&builder_});
  clock_.advance(std::chrono::hours(2));
  record(Json::object({{"job", "docs"}, {"tests", 1}, {"failures", 0}, {"errors", 0}}), {&builder_});
  EXPECT_EQ(judged(all).reason, "stale") << "what is green beside it does not make up for it";
  record(bad, {&builder_});
  ASSERT_EQ(judged(unit).reason, "condition");
  const auto erase_entry = [&](std::uint64_t index) {
    const auto order = evidence::erasure_statement(*ledger_.entry(index), {"a name", "support", "dpo", ""});
    ASSERT_TRUE(order) << order.error().message;
    const auto envelope =
        evidence::sign_envelope(evidence::kPayloadType, *evidence::write_statement(*order), {&approver_});
    ASSERT_TRUE(evidence::erase(ledger_, index, evidence::write_envelope(envelope)));
  };
  erase_entry(2);
  const Check check = judged(unit);
  EXPECT_EQ(check.reason, "missing");
  EXPECT_EQ(check.answer, "entry 2 was erased: what it said of a job is not known");
  record(good, {&builder_});
  EXPECT_EQ(judged(unit).verdict, Verdict::pass) << "it ran again";
  const std::vector<evidence::Subject> here = {{"r", {{"gitCommit", kCommit}}}};
  record("evidence/findings/v1", Json::object({{"job", "unit"}, {"counts", Json::object({{"error", 1}})}}),
         {&builder_}, here);
  record(good, {&builder_});
  ASSERT_EQ(judged(unit).reason, "condition");
  erase_entry(5);
  EXPECT_EQ(judged(unit).reason, "missing") << "newer tests do not answer for findings";
  EXPECT_EQ(judged(*gate_from("{name: ci, kind: ci}")).reason, "missing") << "it may have been another job";
}

TEST_F(GateTest, CiRefusesSuccessThatIsSaidOfAnotherCommit) {
  const Gate gate = *gate_from("{name: ci, kind: ci, jobs: [unit]}");
  record(
      "train/ci/v1",
      Json::object({{"job", "unit"}, {"commit", kOtherCommit}, {"outcome", "success"}, {"words", "success"}}),
      {&builder_}, {{"r", {{"gitCommit", kCommit}}}});
  const Check check = judged(gate);
  EXPECT_EQ(check.reason, "subject");
  EXPECT_NE(check.answer.find("ran on bbbbbbbbbbbb, and aaaaaaaaaaaa is asked about"), std::string::npos)
      << check.answer;
}

TEST_F(GateTest, CiOfAServerIsAskedNowAndItsSilenceIsNeverGreen) {
  const Gate gate = *gate_from("{name: ci, kind: ci, jobs: [unit], source: github, repository: o/r}");
  EXPECT_EQ(judged(gate).reason, "unavailable");
  FixedServer server;
  Situation situation{.trust = trust_, .commit = {"HEAD", {{"gitCommit", kCommit}}}, .now = clock_.now()};
  situation.ci_server = &server;
  server.answer = fail(ErrorKind::unavailable, "api.github.com: connection refused");
  Check check = judged(gate, situation);
  EXPECT_EQ(check.reason, "unavailable");
  EXPECT_EQ(check.answer, "api.github.com: connection refused");
  server.answer = std::vector<CiRun>{run("unit", kGood)};
  check = judged(gate, situation);
  EXPECT_EQ(check.verdict, Verdict::pass) << check.answer;
  EXPECT_EQ(server.asked, "o/r@" + kCommit);
}

TEST_F(GateTest, AnSloGateHasTheUsualConditionAndAge) {
  const Gate gate = *gate_from("{name: slo, kind: slo, min_remaining: 0.25}");
  const std::vector<evidence::Subject> here = {{"r", {{"gitCommit", kCommit}}}};
  const auto verdict = [&](const char* word, double remaining) {
    record("slo/verdict/v1", Json::object({{"verdict", word}, {"remaining", remaining}}), {&builder_}, here);
  };
  EXPECT_EQ(judged(gate).reason, "missing");
  verdict("pass", 0.25);
  EXPECT_EQ(judged(gate).verdict, Verdict::pass) << judged(gate).answer;
  clock_.advance(std::chrono::minutes(61));
  EXPECT_EQ(judged(gate).reason, "stale");
  verdict("pass", 0.2);
  EXPECT_EQ(judged(gate).reason, "condition");
  verdict("fail", 1);
  EXPECT_EQ(judged(gate).reason, "condition");
}

TEST_F(GateTest, AnArtifactIsWhatItsChecksumSaysAndWhatEvidenceIsAbout) {
  TemporaryDirectory folder;
  std::filesystem::create_directory(folder.path() / "dist");
  const auto write = [&](const char* name, const std::string& text) {
    std::ofstream(folder.path() / "dist" / name, std::ios::binary) << text;
  };
  write("app", "hello world");  // sha256sum's own digest of it
  const std::string digest = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
  Situation situation{
      .ledger = &ledger_, .trust = trust_, .commit = {"HEAD", {{"gitCommit", kCommit}}}, .now = clock_.now()};
  situation.directory = folder.path();
  const Gate sums = *gate_from("{name: a, kind: artifact, file: dist/app, checksums: dist/SHA256SUMS}");
  EXPECT_EQ(judged(sums, situation).reason, "checksum") << "there is no checksum file";
  write("SHA256SUMS", digest + "  app\n");
  EXPECT_EQ(judged(sums, situation).verdict, Verdict::pass) << judged(sums, situation).answer;
  write("app", "hello worle");
  EXPECT_EQ(judged(sums, situation).reason, "checksum");
  EXPECT_NE(judged(sums, situation).answer.find("SHA256SUMS says sha256:" + digest), std::string::npos);

  write("app", "hello world");
  const Gate built =
      *gate_from("{name: a, kind: artifact, file: dist/app, type: pack/build/v1, signer: builder}");
  EXPECT_EQ(judged(built, situation).reason, "missing");
  const evidence::Subject artifact{"app", {{"sha256", digest}}};
  record("pack/build/v1", Json::object(), {&builder_}, {artifact, {"r", {{"gitCommit", kOtherCommit}}}});
  EXPECT_EQ(judged(built, situation).reason, "missing") << "it was built from another commit";
  record("pack/build/v1", Json::object(), {&builder_}, {artifact, {"r", {{"gitCommit", kCommit}}}});
  EXPECT_EQ(judged(built, situation).verdict, Verdict::pass) << judged(built, situation).answer;
}

TEST_F(GateTest, TheArtifactOfTheReleaseBeforeIsWhatItsChecksumSays) {
  TemporaryDirectory folder;
  const auto write = [&](const std::string& name, const std::string& text) {
    ASSERT_TRUE(replace_file(folder.path() / name, text));
  };
  // Digests as sha256sum prints them.
  const std::string hello =
      "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";                      // hello world
  const std::string abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";  // abc
  write("dist/app", "hello world");
  write("dist/SUMS", hello + "  app\n");
  Situation situation{.trust = trust_, .commit = {"HEAD", {{"gitCommit", kCommit}}}, .now = clock_.now()};
  situation.directory = folder.path();
  const Gate gate = *gate_from(
      "name: a\nkind: artifact\nfile: dist/app\nchecksums: dist/SUMS\n"
      "previous: {file: 'kept/{tag}/app-{version}', checksums: 'kept/{tag}/SUMS'}");
  EXPECT_EQ(judged(gate, situation).verdict, Verdict::pass) << "the first release goes back to none";

  situation.release_before = ReleaseBefore{"v1.2.0", "1.2.0"};
  Check check = judged(gate, situation);
  EXPECT_EQ(check.reason, "previous");
  EXPECT_NE(check.answer.find("a rollback would go to v1.2.0: "), std::string::npos) << check.answer;
  EXPECT_NE(check.answer.find("kept/v1.2.0/app-1.2.0"), std::string::npos) << check.answer;
  EXPECT_EQ(check.remedy, "sha256sum --check kept/v1.2.0/SUMS");

  write("kept/v1.2.0/app-1.2.0", "abd");
  write("kept/v1.2.0/SUMS", abc + "  app-1.2.0\n");
  check = judged(gate, situation);
  EXPECT_EQ(check.reason, "previous") << check.answer;
  EXPECT_NE(check.answer.find("says sha256:" + abc), std::string::npos) << check.answer;
  write("kept/v1.2.0/app-1.2.0", "abc");
  EXPECT_EQ(judged(gate, situation).verdict, Verdict::pass) << judged(gate, situation).answer;

  situation.release_before = ReleaseBefore{"../v1", "1"};
  EXPECT_EQ(judged(gate, situation).reason, "previous");
  write("dist/app", "hello worle");
  EXPECT_EQ(judged(gate, situation).reason, "checksum") << "the candidate's own comes first";
}

TEST(Artifacts, LieInsideOfTheWorkspaceAndAreFiles) {
  TemporaryDirectory folder;
  std::filesystem::create_symlink("/etc/passwd", folder.path() / "out");
  for (const char* file : {"../x", "/etc/passwd", "out"}) {
    const auto digest = digest_of_artifact(folder.path(), file);
    ASSERT_FALSE(digest) << file;
    EXPECT_NE(digest.error().message.find("leads out of the workspace"), std::string::npos)
        << digest.error().message;
  }
  EXPECT_EQ(digest_of_artifact(folder.path(), ".").error().kind, ErrorKind::bad_input);
  EXPECT_EQ(digest_of_artifact(folder.path(), "none").error().kind, ErrorKind::not_found);
}

TEST(Checksums, AreReadInBothFormsAndRefusedWithTheirLine) {
  const std::string a(64, 'a'), b(64, 'B');
  const auto sums = read_checksums(a + "  x y\n# note\n\n" + b + " *dist/z\nSHA256 (q) = " + a + "\n");
  ASSERT_TRUE(sums) << sums.error().message;
  EXPECT_EQ(sums->at("x y"), a);
  EXPECT_EQ(sums->at("dist/z"), std::string(64, 'b'));
  EXPECT_EQ(sums->at("q"), a);
  for (const std::string& bad :
       {a, a + " x", a.substr(1) + "  x", "MD5 (q) = " + a, "SHA256 (q) = " + a + "0"})
    EXPECT_EQ(read_checksums("\n" + bad).error().message, "line 2: is no checksum of sha256sum") << bad;
  EXPECT_EQ(read_checksums(a + "  x\n" + b + "  x").error().message, "line 2: a second digest of x");
}

TEST_F(GateTest, AnApprovalGateTellsWhoIsWanted) {
  const Gate gate = *gate_from("{name: sign-off, kind: approval, owner: product, role: [sre, support]}");
  Check check = judged(gate);
  EXPECT_EQ(check.reason, "missing");
  EXPECT_EQ(check.owner, "product");
  EXPECT_EQ(check.asked,
            "approved by 1 person in each of the roles sre, support, who is no author, no requester of it");
  EXPECT_EQ(check.answer, "wanted: sre, support");
  EXPECT_EQ(check.remedy, "signalbox train approve --gate sign-off --key KEY");
  Approvals said;
  said.policy.people = {{"alan", {"alan@example.org"}}};
  said.policy.roles = {{"sre", {"alan"}}, {"support", {"alan"}}};
  Vote vote;
  vote.key.name = "alan";
  vote.key.octets = std::string(32, 'k');
  vote.key_roles = {"approver"};
  vote.index = 7;
  vote.time = clock_.now() - std::chrono::minutes(2);
  said.votes = {vote};
  Situation situation{.trust = trust_, .commit = {"HEAD", {{"gitCommit", kCommit}}}, .now = clock_.now()};
  situation.approvals = &said;
  check = judged(gate, situation);
  EXPECT_EQ(check.answer, "wanted: support; approved: alan for sre");
  EXPECT_EQ(check.evidence, 7);
  const Gate one = *gate_from("{name: sign-off, kind: approval, role: sre}");
  EXPECT_EQ(judged(one, situation).answer, "alan for sre");
  EXPECT_EQ(judged(one, situation).age_s, 120);
  said.involved.authors = {"alan@example.org"};
  EXPECT_EQ(judged(one, situation).reason, "not-counted");
}

TEST_F(GateTest, AScoreGateAsksForTheScoreOfItsItems) {
  const Gate gate = *gate_from("{name: s, kind: score, at_least: 90, items: [tests]}");
  EXPECT_EQ(judged(gate).reason, "error");
  Situation situation{.trust = trust_, .commit = {"HEAD", {{"gitCommit", kCommit}}}, .now = clock_.now()};
  situation.score = [](const std::vector<std::string>& items) { return items.size() == 1 ? 89.94 : 100.0; };
  EXPECT_EQ(judged(gate, situation).reason, "score");
  EXPECT_EQ(judged(gate, situation).answer, "89.9 of 100");
  EXPECT_EQ(judged(*gate_from("{name: s, kind: score, at_least: 90}"), situation).verdict, Verdict::pass);
}

// 2026-03-02 is a Monday (RFC 3339, by any calendar).
TEST(TimeRules, HoldFromTheirStartToTheirEnd) {
  const auto rule = parse_time_rule(
      *config::parse_yaml("not_before: 2026-03-02T00:00:00Z\nnot_after: 2026-03-09T12:00:00Z\n"
                          "window: {days: [mon, wed], from: '09:00', until: '16:00', zone: '+01:00'}",
                          "y"));
  ASSERT_TRUE(rule) << rule.error().message;
  const struct {
    const char* now;
    bool may_leave;
    const char* next;
  } cases[] = {
      {"2026-03-01T23:59:59Z", false, "2026-03-02T08:00:00Z"},
      {"2026-03-02T07:59:59Z", false, "2026-03-02T08:00:00Z"},
      {"2026-03-02T08:00:00Z", true, ""},
      {"2026-03-02T14:59:59Z", true, ""},
      {"2026-03-02T15:00:00Z", false, "2026-03-04T08:00:00Z"},
      {"2026-03-04T12:00:00Z", true, ""},
      {"2026-03-04T15:00:00Z", false, "2026-03-09T08:00:00Z"},
      {"2026-03-09T11:59:59Z", true, ""},
      {"2026-03-09T12:00:00Z", false, ""},
  };
  for (const auto& one : cases) {
    const TimeAnswer answer = judge_time(*rule, *parse_rfc3339(one.now));
    EXPECT_EQ(answer.may_leave, one.may_leave) << one.now << ": " << answer.text;
    if (!one.may_leave) {
      EXPECT_EQ(answer.next ? to_rfc3339(*answer.next) : "", one.next) << one.now;
    }
  }
}

// Berlin's clocks skip 02:00 to 03:00 on Sunday, March 29, 2026 (zoneinfo); hours by hand.
TEST(TimeRules, FollowTheClocksOfTheirZone) {
  const auto next = [](const char* window, const char* now) {
    const auto rule = parse_time_rule(*config::parse_yaml(std::string("window: ") + window, "y"));
    EXPECT_TRUE(rule) << (rule ? "" : rule.error().message);
    const TimeAnswer answer = judge_time(*rule, *parse_rfc3339(now));
    return answer.may_leave ? std::string("now") : to_rfc3339(answer.next.value_or(Time()));
  };
  const char* const office = "{days: [fri, mon], from: '09:00', until: '16:00', zone: Europe/Berlin}";
  EXPECT_EQ(next(office, "2026-03-27T07:59:59Z"), "2026-03-27T08:00:00Z");
  EXPECT_EQ(next(office, "2026-03-27T14:59:59Z"), "now");
  EXPECT_EQ(next(office, "2026-03-27T15:00:00Z"), "2026-03-30T07:00:00Z");
  EXPECT_EQ(next(office, "2026-03-30T13:59:59Z"), "now");
  const char* const night = "{days: [sun], from: '02:30', until: '05:00', zone: Europe/Berlin}";
  EXPECT_EQ(next(night, "2026-03-29T00:59:59Z"), "2026-03-29T01:00:00Z") << "when they have skipped it";
  const char* const skipped = "{days: [sun], from: '02:00', until: '03:00', zone: Europe/Berlin}";
  EXPECT_EQ(next(skipped, "2026-03-28T12:00:00Z"), "2026-04-05T00:00:00Z") << "that day it never opens";
}

TEST_F(GateTest, ATimeGateSaysFromWhenOn) {
  const Gate gate = *gate_from("{name: t, kind: time, not_before: 2025-06-15T16:00:00Z}");
  EXPECT_EQ(judged(gate).reason, "time");
  EXPECT_EQ(judged(gate).remedy, "signalbox train check   # from 2025-06-15T16:00:00Z on");
  clock_.set(*parse_rfc3339("2025-06-15T16:00:00Z"));
  EXPECT_EQ(judged(gate).verdict, Verdict::pass);
}

TEST(GateReader, RefusesWhatGoesWithAnotherKind) {
  const std::pair<const char*, const char*> cases[] = {
      {"name: a\nkind: aproval", "signalbox.yaml:2:7: kind: there is no kind aproval"},
      {"name: a\nkind: approval\ntype: e/t/v1", "goes with the kind evidence, and this is approval"},
      {"name: a\nkind: approval\ncount: 0", "signalbox.yaml:3:8"},
      {"name: a\nkind: approval\ncount: 65", "a count is 1 to 64 people"},
      {"name: a\nkind: approval\nrole: [a, b]\ncount: 40", "ask for 1 to 64 people"},
      {"name: a\nkind: approval\nrole: [a, a]", "each role stands there once"},
      {"name: a\nkind: approval\nnot: [owner]", "`owner` is no way to have to do with a train"},
      {"name: a\nkind: approval\nwho: x", "signalbox.yaml:3:1: who: the key"},
      {"name: a\nkind: ci\nsource: jenkins", "`jenkins` is neither evidence nor github"},
      {"name: a\nkind: ci\nsource: github", "signalbox.yaml:1:1: repository"},
      {"name: a\nkind: ci\nsource: github\nrepository: ../x", "`../x` is no repository"},
      {"name: a\nkind: ci\nsource: github\nrepository: a/b\napi: ftp://x", "signalbox.yaml:5:6"},
      {"name: a\nkind: ci\nsource: github\nrepository: a/b\nsigner: builder", "this gate asks GitHub"},
      {"name: a\nkind: ci\nrepository: a/b", "goes with source: github"},
      {"name: a\nkind: slo\nmin_remaining: 2", "signalbox.yaml:3:16"},
      {"name: a\nkind: time", "not_before, not_after or window"},
      {"name: a\nkind: time\nnot_before: 2026-01-02T00:00:00Z\nnot_after: 2026-01-01T00:00:00Z",
       "nothing would ever leave"},
      {"name: a\nkind: time\nwindow: {days: [funday]}", "`funday` is no day"},
      {"name: a\nkind: time\nwindow: {from: '9:00'}", "`9:00` is no time of day"},
      {"name: a\nkind: time\nwindow: {from: '16:00', until: '09:00'}", "ends before it begins"},
      {"name: a\nkind: time\nwindow: {zone: Mars/Olympus}", "there is no time zone `Mars/Olympus`"},
      {"name: a\nkind: score", "signalbox.yaml:1:1: at_least"},
      {"name: a\nkind: score\nat_least: 0", "signalbox.yaml:3:11"},
      {"name: a\nkind: artifact\nfile: x", "nothing says what this artifact has to be"},
      {"name: a\nkind: artifact\nfile: x\nchecksums: y\nmax_age: 1d", "go with a type of evidence"},
      {"name: a\nkind: artifact\nfile: x\nchecksums: y\nprevious: {file: z}",
       "signalbox.yaml:5:11: previous.checksums"},
      {"name: a\nkind: artifact\nfile: x\nchecksums: y\nprevious: z", "signalbox.yaml:5:11"},
      {"name: a\nkind: command", "signalbox.yaml:1:1: command"},
      {"name: a\nkind: evidence", "has a type"},
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
