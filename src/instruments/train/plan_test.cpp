#include "instruments/train/plan.hpp"

#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "core/git/scratch_repository.hpp"
#include "instruments/train/notes.hpp"
#include "instruments/train/plan_reader.hpp"

namespace signalbox::train {
namespace {

Plan plan_of(const git::ScratchRepository& scratch, const PlanQuery& query = {}) {
  const auto workspace = find_workspace(scratch.path());
  auto plan = workspace ? read_plan(*workspace, query) : Result<Plan>(fail(workspace.error()));
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
  if (!plan) return {};
  EXPECT_TRUE(plan->manifest.is_complete()) << plan->manifest.proof();
  return std::move(*plan);
}

Error error_of(const git::ScratchRepository& scratch, const PlanQuery& query = {}) {
  const auto plan = read_plan(find_workspace(scratch.path()).value(), query);
  EXPECT_FALSE(plan);
  return plan ? Error() : plan.error();
}

// "Features: a, b; Fixes: c"
std::string sections_of(const Manifest& manifest) {
  std::vector<std::string> out;
  for (const Section& section : manifest.sections) {
    std::vector<std::string> subjects;
    for (const Passenger& passenger : section.passengers) subjects.push_back(passenger.subject);
    out.push_back(std::string(title_of(section.kind)) + ": " + join(subjects, ", "));
  }
  return join(out, "; ");
}

std::string rules_of(const Manifest& manifest) {
  std::vector<std::string> out;
  for (const Excluded& excluded : manifest.excluded)
    out.push_back(std::string(name_of(excluded.rule)) + " " + excluded.commit.subject);
  return join(out, "; ");
}

// A chain of commits on main, some of them tagged: {"feat: a"}, {"fix: b", "v1.0.0"}.
struct Step {
  std::string message;
  std::vector<std::string> tags = {};
};
git::History chain(const std::vector<Step>& steps) {
  git::History history;
  int last = 0;
  for (const Step& step : steps) {
    last = history.commit(step.message, last == 0 ? std::vector<int>() : std::vector<int>{last});
    for (const std::string& tag : step.tags) history.tag(tag, last);
  }
  return history;
}

std::string next_after(const std::vector<Step>& steps, const PlanQuery& query = {}) {
  const git::ScratchRepository scratch(chain(steps));
  const Plan plan = plan_of(scratch, query);
  return plan.next.tag + " " + std::string(name_of(plan.next.bump));
}

TEST(Plan, EveryCommitIsInOneSectionOrExcludedByARule) {
  const git::ScratchRepository scratch(chain({{"chore: start", {"v1.0.0"}},
                                              {"feat(a): one"},
                                              {"Fix: two"},
                                              {"chore: three"},
                                              {"fixup! feat(a): one"},
                                              {"what is this"},
                                              {"feat(a(b)): nested"},
                                              {"wat\xff: x"},
                                              {"release: v9.9.9"},
                                              {"docs: four"},
                                              {""}}));
  const Plan plan = plan_of(scratch);
  EXPECT_EQ(sections_of(plan.manifest),
            "Features: one; Fixes: two; Documentation: four; Unclassified: (no message), wat\\xff: x, "
            "feat(a(b)): nested, what is this");
  EXPECT_EQ(rules_of(plan.manifest), "release v9.9.9; fixup fixup! feat(a): one; routine three");
  EXPECT_EQ(plan.manifest.total, 10u);
}

TEST(Plan, ALostCommitIsSeen) {
  Manifest manifest = make_manifest({{.id = std::string(40, 'a'), .message = "feat: a"}}, 2, {});
  EXPECT_FALSE(manifest.is_complete());
  EXPECT_NE(manifest.proof().find("≠"), std::string::npos);
}

TEST(Plan, TheNextVersionFollowsFromTheHighestAsk) {
  EXPECT_EQ(next_after({{"a", {"v1.2.3"}}, {"fix: b"}}), "v1.2.4 patch");
  EXPECT_EQ(next_after({{"a", {"v1.2.3"}}, {"feat: c"}, {"fix: b"}}), "v1.3.0 minor");
  EXPECT_EQ(next_after({{"a", {"v1.2.3"}}, {"feat!: c"}, {"fix: b"}}), "v2.0.0 major");
  EXPECT_EQ(next_after({{"a", {"v1.2.3"}}, {"chore: b\n\nBREAKING CHANGE: c"}}), "v2.0.0 major");
  EXPECT_EQ(next_after({{"a", {"v1.2.3"}}, {"docs: b"}, {"chore: c"}}), "v1.2.3 none");
  EXPECT_EQ(next_after({{"a", {"v1.2.3"}}}), "v1.2.3 none");
  EXPECT_EQ(next_after({{"a", {"1.2.3"}}, {"perf: b"}}), "1.2.4 patch");
}

TEST(Plan, WhileTheMajorVersionIsZeroEveryBumpIsOneSmaller) {
  EXPECT_EQ(next_after({{"a", {"v0.4.1"}}, {"feat!: b"}}), "v0.5.0 major");
  EXPECT_EQ(next_after({{"a", {"v0.4.1"}}, {"feat: b"}}), "v0.4.2 minor");
  EXPECT_EQ(next_after({{"feat: a"}}), "v0.1.0 minor");
}

TEST(Plan, APreReleaseCountsOnAndRestartsWhenItsVersionRises) {
  EXPECT_EQ(next_after({{"a", {"v1.0.0"}}, {"feat: b", {"v1.1.0-next.1"}}, {"fix: c"}}),
            "v1.1.0-next.2 patch");
  EXPECT_EQ(next_after({{"a", {"v1.0.0"}}, {"feat: b", {"v1.1.0-next.7"}}, {"feat!: c"}}),
            "v2.0.0-next.1 major");
  EXPECT_EQ(next_after({{"a", {"v1.0.0"}}, {"feat: b", {"v1.1.0-next.0"}}, {"feat!: c"}}),
            "v2.0.0-next.0 major");
  PlanQuery rc;
  rc.channel = "rc";
  EXPECT_EQ(next_after({{"a", {"v1.0.0"}}, {"feat: b"}}, rc), "v1.1.0-rc.1 minor");
  EXPECT_EQ(next_after({{"a", {"v1.0.0"}}, {"feat: b", {"v1.1.0-next.3"}}, {"fix: c"}}, rc),
            "v1.1.0-rc.1 patch");
  PlanQuery stable;
  stable.channel = "stable";
  EXPECT_EQ(next_after({{"a", {"v1.0.0"}}, {"feat: b", {"v1.1.0-next.3"}}, {"fix: c"}}, stable),
            "v1.1.0 minor");
  EXPECT_EQ(next_after({{"a", {"v1.0.0-rc.1"}}, {"fix: c"}}, stable), "v1.0.0 patch");
}

TEST(Plan, AVersionThatAnotherBranchHasTakenIsNotProposed) {
  git::History history;
  const int base = history.commit("feat: a");
  const int other = history.commit("fix: b", {base});
  const int head = history.commit("fix: c", {base});
  history.tag("v1.0.0", base);
  history.tag("v1.0.1", other);
  history.branch("other", other);
  history.branch("main", head);
  const Plan plan = plan_of(git::ScratchRepository(history));
  EXPECT_EQ(plan.next.tag, "v1.0.2");
  EXPECT_EQ(sections_of(plan.manifest), "Fixes: c");
  ASSERT_EQ(plan.next.remarks.size(), 1u);
  EXPECT_EQ(plan.next.remarks[0].rule, "train/version-taken");
}

TEST(Plan, AncestryDecidesOnBranchyHistoryAndDatesNever) {
  git::History history;
  const int root = history.commit("feat: root");
  const int side = history.commit({"feat: side", {root}, 1, "A <a@a>", {}});
  const int main = history.commit({"fix: main", {root}, 2'000'000'000, "A <a@a>", {}});
  const int merge = history.commit({"Merge branch 'side'", {main, side}, 5, "A <a@a>", {}});
  history.tag("v1.0.0", main);
  history.branch("main", merge);
  const Plan plan = plan_of(git::ScratchRepository(history));
  EXPECT_EQ(sections_of(plan.manifest), "Features: side");
  EXPECT_EQ(rules_of(plan.manifest), "merge Merge branch 'side'");
  EXPECT_EQ(plan.next.tag, "v1.1.0");
  ASSERT_EQ(plan.history.remarks.size(), 0u);
}

TEST(Plan, AClockThatJumpsIsToldAndChangesNothing) {
  git::History history;
  const int root = history.commit({"feat: a", {}, 2'000'000'000, "A <a@a>", {}});
  history.commit({"fix: b", {root}, 1'000'000'000, "A <a@a>", {}});
  const Plan plan = plan_of(git::ScratchRepository(history));
  ASSERT_EQ(plan.history.remarks.size(), 1u);
  EXPECT_EQ(plan.history.remarks[0].rule, "train/clock-jumps");
  EXPECT_EQ(plan.manifest.total, 2u);
}

TEST(Plan, TwoTagsOnOneCommitAreBothToldAndTheHigherIsTheRelease) {
  const git::ScratchRepository scratch(chain({{"feat: a", {"v1.0.0-rc.1", "v1.0.0"}}, {"feat: b"}}));
  const Plan plan = plan_of(scratch);
  EXPECT_EQ(plan.history.base->tag, "v1.0.0");
  EXPECT_EQ(plan.history.base_twins, std::vector<std::string>{"v1.0.0-rc.1"});
  EXPECT_EQ(plan.next.tag, "v1.1.0");
}

TEST(Plan, ACommitAndItsRevertCancelAndARevertedRevertDoesNot) {
  git::History history;
  const int base = history.commit("chore: base");
  const int wanted = history.commit("feat: wanted", {base});
  history.tag("v1.0.0", base);
  const git::ScratchRepository first(history);
  const auto revert = [&](const std::string& header, int commit) {
    return header + "\n\nThis reverts commit " + first.id(commit) + ".\n";
  };
  const int undo = history.commit(revert("Revert \"feat: wanted\"", wanted), {wanted});
  {
    const Plan plan = plan_of(git::ScratchRepository(history));
    EXPECT_EQ(plan.manifest.aboard(), 0u);
    EXPECT_EQ(plan.next.bump, Bump::none);
    EXPECT_EQ(rules_of(plan.manifest), "cancelled Revert \"feat: wanted\"; cancelled wanted");
  }
  const git::ScratchRepository second(history);
  history.commit("Reapply \"feat: wanted\"\n\nThis reverts commit " + second.id(undo) + ".\n", {undo});
  const Plan plan = plan_of(git::ScratchRepository(history));
  EXPECT_EQ(sections_of(plan.manifest), "Features: wanted");
  EXPECT_EQ(plan.next.tag, "v1.1.0");
}

TEST(Plan, ARevertOfWhatLeftAlreadyIsAPassenger) {
  const git::ScratchRepository scratch(
      chain({{"feat: a", {"v1.0.0"}},
             {"Revert \"feat: a\"\n\nThis reverts commit 0123456789012345678901234567890123456789.\n"}}));
  const Plan plan = plan_of(scratch);
  EXPECT_EQ(sections_of(plan.manifest), "Reverts: Revert \"feat: a\"");
  EXPECT_EQ(plan.next.tag, "v1.0.1");
}

TEST(Plan, EachPackageHasItsOwnSeries) {
  const std::vector<Step> steps = {
      {"feat: a", {"core@1.0.0"}}, {"feat: b", {"@scope/cli@2.0.0"}}, {"fix: c", {"core@1.0.1"}}, {"fix: d"}};
  PlanQuery cli;
  cli.package = "@scope/cli";
  EXPECT_EQ(next_after(steps, cli), "@scope/cli@2.0.1 patch");
  EXPECT_EQ(next_after(steps), "core@1.0.2 patch");  // the nearest release
  PlanQuery wrong;
  wrong.package = "cor";
  const Error error = error_of(git::ScratchRepository(chain(steps)), wrong);
  EXPECT_EQ(error.kind, ErrorKind::not_found);
  EXPECT_EQ(error.hint, "did you mean core?");
}

TEST(Plan, ARepositoryWithoutConventionalCommitsGetsAnAnswerFromItsWords) {
  const git::ScratchRepository scratch(
      chain({{"Initial import", {"v2.1.0"}}, {"Add a dark mode"}, {"Fix the crash at start"}, {"Tidy up"}}));
  const Plan plan = plan_of(scratch);
  EXPECT_TRUE(plan.next.by_wording);
  EXPECT_EQ(plan.next.tag, "v2.2.0");
  EXPECT_EQ(sections_of(plan.manifest), "Unclassified: Tidy up, Fix the crash at start, Add a dark mode");
  EXPECT_EQ(plan.next.remarks.back().rule, "train/by-wording");
}

// As curl's commits are: a part of the program in front of a colon has the form of a type, and is none.
TEST(Plan, HeadersThatNameAPartOfTheProgramAreReadByTheirWords) {
  EXPECT_EQ(next_after({{"first", {"v8.1.0"}}, {"lib: fix a leak"}, {"url: tidy up"}}), "v8.1.1 patch");
  EXPECT_EQ(next_after({{"first", {"v8.1.0"}}, {"lib: fix a leak"}, {"url: add IDN"}}), "v8.2.0 minor");
  EXPECT_EQ(next_after({{"first", {"v8.1.0"}}, {"fix: a leak"}, {"url: add IDN"}}), "v8.1.1 patch");
  EXPECT_EQ(next_after({{"first", {"v8.1.0"}}, {"docs: a"}, {"deps: b"}}), "v8.1.0 none");
}

TEST(Plan, ASquashedBodyIsToldInPartsAndCountsAsOneCommit) {
  const git::ScratchRepository scratch(
      chain({{"feat: a", {"v1.0.0"}},
             {"fix: many things (#12)\n\n* feat(x): one\n* fix: two\n* note: see http://a\n"}}));
  const Plan plan = plan_of(scratch);
  ASSERT_EQ(plan.manifest.aboard(), 1u);
  EXPECT_EQ(plan.manifest.sections[0].passengers[0].parts,
            (std::vector<std::string>{"feat(x): one", "fix: two", "note: see http://a"}));
  EXPECT_EQ(plan.next.tag, "v1.0.1");
}

TEST(Plan, WithoutCommitsThereIsAnAnswerAndNoCrash) {
  const git::ScratchRepository scratch{git::History()};
  EXPECT_EQ(error_of(scratch).kind, ErrorKind::not_found);
}

TEST(Plan, ABareRepositoryIsPlannedLikeAnyOther) {
  const git::ScratchRepository scratch(chain({{"feat: a", {"v1.0.0"}}, {"feat: b"}}),
                                       git::ScratchRepository::Kind::bare);
  EXPECT_EQ(plan_of(scratch).next.tag, "v1.1.0");
}

TEST(Plan, AShallowCloneIsRefusedUnlessItIsAllowed) {
  const git::ScratchRepository origin(chain({{"feat: a", {"v1.0.0"}}, {"feat: b"}, {"feat: c"}}));
  const TemporaryDirectory folder;
  origin.git({"clone", "-q", "--depth=1", "file://" + origin.path().string(), folder.path().string() + "/x"});
  const Workspace workspace = find_workspace(folder.path() / "x").value();
  const auto refused = read_plan(workspace, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(exit_code(refused.error().kind), 3);
  PlanQuery query;
  query.shallow = HistoryQuery::Shallow::allow;
  const Plan plan = read_plan(workspace, query).value();
  EXPECT_EQ(plan.manifest.total, 1u);
  ASSERT_EQ(plan.history.remarks.size(), 1u);
  EXPECT_EQ(plan.history.remarks[0].rule, "train/shallow");
}

TEST(Plan, TagsThatNameNoVersionAreSaidWithOne) {
  const git::ScratchRepository scratch(chain({{"feat: a", {"build-7"}}, {"feat: b"}}));
  const Plan plan = plan_of(scratch);
  ASSERT_EQ(plan.history.remarks.size(), 1u);
  EXPECT_EQ(plan.history.remarks[0].rule, "train/no-version-tags");
  EXPECT_EQ(plan.history.remarks[0].remedy, "signalbox train plan --base build-7");
}

TEST(Plan, ASeriesWithUnderscoresGoesOnWithThem) {
  const git::ScratchRepository scratch(chain({{"feat: a", {"curl-8_9_1"}}, {"feat: b"}}));
  const Plan plan = plan_of(scratch);
  EXPECT_EQ(plan.manifest.total, 1u);
  EXPECT_EQ(plan.next.tag, "curl-8_10_0");
}

TEST(Plan, ATagWhoseObjectIsMissingIsRefused) {
  const git::ScratchRepository scratch(chain({{"feat: a"}, {"feat: b"}}));
  ASSERT_TRUE(write_file_atomically(scratch.path() / ".git/refs/tags/v1.0.0", std::string(40, '1') + "\n"));
  const Error error = error_of(scratch);
  EXPECT_EQ(exit_code(error.kind), 3);
  EXPECT_NE(error.message.find("v1.0.0"), std::string::npos);
}

TEST(Plan, AnOldCommitThatOtherReleasesHoldLeavesWithThem) {
  const git::ScratchRepository scratch(
      chain({{"feat: a", {"v1.0.0"}}, {"feat: b"}, {"feat: c", {"v1.1.0"}}}));
  PlanQuery query;
  query.head = scratch.id(2);
  const Plan plan = plan_of(scratch, query);
  EXPECT_EQ(plan.manifest.total, 0u);
  ASSERT_EQ(plan.history.remarks.size(), 1u);
  EXPECT_EQ(plan.history.remarks[0].rule, "train/already-released");
}

TEST(Plan, ConfigurationDecidesWhatIsRoutineAndZero) {
  git::History history;
  const int base =
      history.commit({"feat: a",
                      {},
                      1,
                      "A <a@a>",
                      {{"signalbox.yaml", "train:\n  zero: semver-strict\n  routine_types: [docs]\n"}}});
  history.tag("v0.1.0", base);
  const int second = history.commit("docs: b", {base});
  history.commit("chore!: c", {second});
  const Plan plan = plan_of(git::ScratchRepository(history));
  EXPECT_EQ(plan.next.tag, "v1.0.0");
  EXPECT_EQ(rules_of(plan.manifest), "routine b");
}

TEST(Plan, AHundredThousandCommitsAreAllCounted) {
  constexpr int count = 100'000;
  git::History history;
  int last = history.commit("feat: first");
  history.tag("v1.0.0", last);
  for (int i = 1; i <= count; ++i)
    last = history.commit(i % 3 == 0 ? "fix: a" : i % 3 == 1 ? "chore: b" : "whatever", {last});
  const git::ScratchRepository scratch(history, git::ScratchRepository::Kind::bare);
  const auto start = std::chrono::steady_clock::now();
  const Plan plan = plan_of(scratch);
  EXPECT_EQ(plan.manifest.total, static_cast<std::uint64_t>(count));
  EXPECT_EQ(plan.manifest.excluded.size(), 33'334u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(2));  // not quadratic
}

TEST(Plan, WhatASquashedBodyListsCountsForTheVersionWhereTheSettingsSaySo) {
  git::Commit commit;
  commit.id = std::string(40, 'a');
  commit.message = "chore: the sprint (#1)\n\n* fix: a\n* feat!: b\n";
  History history;
  history.base = parse_release_tag("v1.2.3", std::string(40, 'b'));
  history.series.releases = {*history.base};
  Settings settings;
  const Manifest by_header = make_manifest({commit}, 1, settings);
  EXPECT_EQ(by_header.excluded.size(), 1u);
  EXPECT_EQ(next_version(by_header, history, settings, {}).tag, "v1.2.3");
  settings.squashed = Settings::Squashed::version;
  const Manifest by_parts = make_manifest({commit}, 1, settings);
  EXPECT_EQ(by_parts.aboard(), 1u);
  EXPECT_EQ(next_version(by_parts, history, settings, {}).tag, "v2.0.0");
}

}  // namespace
}  // namespace signalbox::train
