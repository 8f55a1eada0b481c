// The manifest and what stands against signing it; reverts and simulations on real repositories.
#include "instruments/train/boarding/manifest.hpp"

#include <gtest/gtest.h>

#include "core/base/digest.hpp"
#include "core/git/git_process.hpp"
#include "core/git/scratch_repository.hpp"
#include "instruments/train/boarding/fixture.hpp"
#include "instruments/train/boarding/simulation.hpp"

namespace signalbox::train {
namespace {

using Files = std::map<std::string, std::string>;

// v1.0.0, then commits that each become a change.
class Scope : public ::testing::Test {
 protected:
  Scope() {
    last_ = base_ = commit("feat: base", {{"a", "1\n2\n3\n"}, {"b", "1\n"}});
    history_.tag("v1.0.0", base_);
  }

  int commit(const std::string& message, Files files) {
    std::vector<int> parents;
    if (last_ != 0) parents = {last_};
    last_ = history_.commit(
        {message, parents, 1'700'000'000 + 60 * ++count_, "Ada <ada@example.org>", std::move(files)});
    return last_;
  }
  void open() {
    scratch_ = std::make_unique<git::ScratchRepository>(history_);
    repository_.emplace(scratch_->open());
    plan_.history = read_history(*repository_, {}).value();
    plan_.manifest = make_manifest(plan_.history.commits, plan_.history.total, plan_.settings);
    plan_.next = next_version(plan_.manifest, plan_.history, plan_.settings, {});
    ChangeFinder finder(*repository_, plan_.history);
    changes_ = finder.all().value();
    log_.schedule();
  }
  std::string id(int commit) const { return scratch_->id(commit).substr(0, kPassengerIdDigits); }
  PassengerRecord record(int commit, Risk risk = Risk::low) const {
    PassengerRecord out = complete_record(id(commit), risk);
    out.commits = {scratch_->id(commit)};
    out.note = "secret note";
    return out;
  }
  ManifestSources sources() {
    train_ = log_.fold(rules_);
    book_ = log_.book(rules_);
    return {train_, plan_, changes_, book_, flags_, "sha256:policy", TestLog::start(), "", exception_};
  }
  std::vector<std::string> codes() {
    std::vector<std::string> out;
    for (const Refusal& refusal : lock_refusals(sources())) out.push_back(refusal.code);
    return out;
  }

  using Codes = std::vector<std::string>;
  git::History history_;
  int count_ = 0, last_ = 0, base_ = 0;
  std::unique_ptr<git::ScratchRepository> scratch_;
  std::optional<git::Repository> repository_;
  Plan plan_;
  std::vector<Change> changes_;
  TestLog log_;
  Train train_;
  BoardingRules rules_;
  Rulebook book_;
  std::vector<Flag> flags_;
  std::optional<std::uint64_t> exception_;
};

TEST_F(Scope, IsLockedOnceEverybodyIsAboardOrBumped) {
  const int one = commit("feat: one", {{"c", "1\n"}});
  const int two = commit("fix: two", {{"d", "1\n"}});
  open();
  EXPECT_EQ(codes(), Codes{"nobody-aboard"});
  log_.bring(record(one), SeatState::aboard);
  EXPECT_EQ(codes(), Codes{});
  log_.bring(record(two), SeatState::slotted);
  EXPECT_EQ(codes(), Codes{"not-aboard"});
  log_.move(record(two), SeatState::slotted, SeatState::bumped);
  EXPECT_EQ(codes(), Codes{"bumped-still-in"});
}

TEST_F(Scope, WhoWasBumpedMayStayBehindAFlagThatIsOff) {
  const int one = commit("feat: one", {{"c", "1\n"}});
  const int two = commit("feat: two", {{"d", "1\n"}});
  open();
  PassengerRecord hidden = record(two);
  hidden.flags = {"new"};
  log_.bring(record(one), SeatState::aboard);
  log_.bring(hidden, SeatState::candidate);
  log_.move(hidden, SeatState::candidate, SeatState::bumped);
  flags_.push_back({Flag::Kind::ops, "new", false, "ada", {}});
  EXPECT_EQ(codes(), Codes{});
  flags_[0].on_by_default = true;
  EXPECT_EQ(codes(), Codes{"bumped-still-in"});
}

TEST_F(Scope, WhatNobodyBoardedIsNamedOrRefused) {
  const int one = commit("feat: one", {{"c", "1\n"}});
  const int two = commit("feat: two", {{"d", "1\n"}});
  commit("chore: routine", {{"e", "1\n"}});
  open();
  log_.bring(record(one), SeatState::aboard);
  const auto unboarded = unboarded_changes(sources());
  ASSERT_EQ(unboarded.size(), 1U);
  EXPECT_EQ(unboarded[0]->id, id(two));
  EXPECT_EQ(codes(), Codes{});
  rules_.unboarded = BoardingRules::Unboarded::refuse;
  EXPECT_EQ(codes(), Codes{"unboarded"});
}

TEST_F(Scope, OfAMergeEachCommitIsBoardedThatReadersAreToldOf) {
  const int one = commit("feat: one", {{"c", "1\n"}});
  const int two = commit("feat: two", {{"d", "1\n"}});
  open();
  Change both = changes_.front();
  both.commits = {scratch_->id(two), scratch_->id(one)};
  changes_ = {both};
  log_.bring(record(one), SeatState::aboard);
  EXPECT_EQ(unboarded_changes(sources()).size(), 1U);
  log_.bring(record(two), SeatState::aboard);
  EXPECT_TRUE(unboarded_changes(sources()).empty());
}

TEST_F(Scope, NobodyIsAboardWhoseCommitsStayBehind) {
  const int one = commit("feat: one", {{"c", "1\n"}});
  open();
  log_.bring(record(one), SeatState::aboard);
  EXPECT_EQ(codes(), Codes{});
  PassengerRecord elsewhere = record(one);
  elsewhere.id = "pr-9";
  elsewhere.commits = {std::string(40, '9')};
  log_.bring(elsewhere, SeatState::aboard);
  EXPECT_EQ(codes(), Codes{"not-in-what-departs"});
}

// The train was made when the policy had places for all of them.
TEST_F(Scope, TheLockAsksForThePlacesOfTodaysPolicy) {
  const int one = commit("feat: one", {{"c", "1\n"}});
  const int two = commit("feat: two", {{"d", "1\n"}});
  open();
  log_ = TestLog();
  ScheduleEvent made;
  made.departs = TestLog::start() + std::chrono::hours(500);
  made.terms = Terms{std::chrono::hours(72), 2, {}};
  log_.add("schedule", to_json(made));
  log_.bring(record(one, Risk::medium), SeatState::aboard);
  log_.bring(record(two, Risk::medium), SeatState::aboard);
  EXPECT_EQ(codes(), Codes{});
  rules_.max_medium_risk = 1;
  EXPECT_EQ(codes(), Codes{"too-many-medium-risk"});
}

TEST_F(Scope, APublicViewHasTheDigestOfTheWholeAndNothingPrivate) {
  const int one = commit("feat: one", {{"c", "1\n"}});
  open();
  log_.bring(record(one), SeatState::aboard);
  const TrainManifest manifest = make_train_manifest(sources(), {std::string(32, '5')});
  const std::string view = manifest.view.canonical();
  EXPECT_EQ(to_hex(sha256(view)), manifest.digest);
  for (const char* secret : {"secret note", "docs/rollback.md", "checklist", "estimate"})
    EXPECT_EQ(view.find(secret), std::string::npos) << secret;
  const Json& commits = manifest.view["commits"];
  EXPECT_EQ(commits["total"].as_integer(), 1);
  EXPECT_EQ(commits["classified"].as_integer() + commits["excluded"].as_integer() +
                commits["unclassified"].as_integer(),
            1);
  EXPECT_EQ(manifest.view["tag"].as_string(), "v1.1.0");
  Json predicate = manifest_predicate(manifest);
  predicate.set("after", 7);
  const auto read = read_train_manifest(*parse_json(predicate.dump()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->digest, manifest.digest);
  Json changed = predicate;
  changed.set("version", "9.9.9");
  EXPECT_EQ(read_train_manifest(changed).error().kind, ErrorKind::conflict);
  Json forged = predicate;
  Json hidden = predicate["private"];
  hidden.items()[0].set("note", "harmless");
  forged.set("private", hidden);
  EXPECT_EQ(read_train_manifest(forged).error().kind, ErrorKind::conflict);
  EXPECT_NE(manifest_markdown(manifest).find("| ada | low |"), std::string::npos);
  // Another salt, another commitment: what is hidden cannot be guessed.
  EXPECT_NE(make_train_manifest(sources(), {std::string(32, '6')}).digest, manifest.digest);
}

TEST_F(Scope, TheFoldTakesTheManifestForTheLock) {
  const int one = commit("feat: one", {{"c", "1\n"}});
  open();
  log_.bring(record(one), SeatState::aboard);
  const TrainManifest manifest = make_train_manifest(sources(), {std::string(32, '5')});
  log_.add("manifest", manifest_predicate(manifest));
  const Train train = log_.fold();
  ASSERT_TRUE(train.lock);
  EXPECT_EQ(train.lock->digest, manifest.digest);
  EXPECT_EQ(train.lock->version, "1.1.0");
  EXPECT_EQ(codes(), Codes{"locked"});
  exception_ = 9999;
  EXPECT_EQ(codes(), Codes{"locked"});
  exception_ = log_.except(manifest.digest);
  EXPECT_EQ(codes(), Codes{});
}

TEST_F(Scope, ARevertIsCleanOrNamesWhereItIsNotAsGitDoes) {
  const int one = commit("feat: one", {{"a", "1\ntwo\n3\n"}});
  const int other = commit("feat: other", {{"b", "9\n"}});
  const int later = commit("feat: later", {{"a", "1\nTWO\n3\n"}});
  open();
  const auto trial = RevertTrial::open(*repository_, scratch_->id(later));
  ASSERT_TRUE(trial) << trial.error().message;
  const auto alone = trial->revert({scratch_->id(one)});
  ASSERT_TRUE(alone) << alone.error().message;
  EXPECT_EQ(alone->conflict_at, scratch_->id(one));
  EXPECT_EQ(alone->paths, std::vector<std::string>{"a"});
  EXPECT_TRUE(trial->revert({scratch_->id(other)})->is_clean());
  EXPECT_TRUE(trial->revert({scratch_->id(later), scratch_->id(one)})->is_clean());
  EXPECT_TRUE(trial->revert({scratch_->id(later), scratch_->id(other), scratch_->id(one)})->is_clean());
  EXPECT_TRUE(trial->revert({})->is_clean());
  // The repository itself is as it was: no object was added.
  EXPECT_EQ(scratch_->git({"fsck", "--unreachable", "--no-reflogs"}), "");
  // And git's own revert says the same.
  scratch_->git({"reset", "-q", "--hard", scratch_->id(later)});
  const auto real = git::run_git(scratch_->path(), {"-c", "user.name=a", "-c", "user.email=a@a", "revert",
                                                    "--no-edit", scratch_->id(one)});
  ASSERT_TRUE(real);
  EXPECT_NE(real->exit_code, 0);
}

TEST_F(Scope, TheLargestSafeSubsetLeavesAsFewBehindAsReally) {
  const int one = commit("feat: one", {{"a", "1\ntwo\n3\n"}});
  const int other = commit("fix: other", {{"b", "9\n"}});
  const int later = commit("feat: later", {{"a", "1\nTWO\n3\n"}});
  const int far = commit("feat: far", {{"a", "1\nTWO\n3\n4\n5\n6\n7\n8\nfar\n"}});
  open();
  const std::vector<Rider> riders = riders_of(changes_);
  EXPECT_EQ(dependents_of(riders, id(one)), (Codes{id(far), id(later)}));
  const std::set<std::string> passengers = {id(one), id(other), id(later), id(far)};
  const auto trial = RevertTrial::open(*repository_, scratch_->id(far));
  const TryRevert try_revert = [&](const std::vector<std::string>& commits) {
    return trial->revert(commits);
  };
  const auto subset = largest_safe_subset(riders, passengers, {id(one)}, try_revert);
  ASSERT_TRUE(subset) << subset.error().message;
  EXPECT_TRUE(subset->stuck_at.empty());
  EXPECT_TRUE(subset->is_smallest);
  EXPECT_TRUE(trial->revert({scratch_->id(far)})->is_clean());
  // By trying all sets that hold `one`, fewest first.
  std::size_t fewest = SIZE_MAX;
  const std::vector<int> others = {far, later, other};
  for (unsigned chosen = 0; chosen < 8; ++chosen) {
    Codes reverts;
    std::size_t count = 1;
    for (unsigned i = 0; i < 3; ++i) {
      const bool in = (chosen >> i & 1) != 0;
      if (in) ++count;
      if (in && i < 2) reverts.push_back(scratch_->id(others[i]));
      if (i == 2 && in) reverts.push_back(scratch_->id(other));
    }
    reverts.push_back(scratch_->id(one));
    if (trial->revert(reverts)->is_clean()) fewest = std::min(fewest, count);
  }
  EXPECT_EQ(subset->stays.size(), fewest);
  EXPECT_EQ(subset->stays.size() + subset->leaves.size(), 4U);
  const auto fine = largest_safe_subset(riders, passengers, {id(other)}, try_revert);
  EXPECT_EQ(fine->stays, Codes{id(other)});
}

TEST_F(Scope, WhatNoPassengerBringsCannotBeLeftBehind) {
  const int one = commit("feat: one", {{"a", "1\ntwo\n3\n"}});
  commit("feat: unboarded", {{"a", "1\nTWO\n3\n"}});
  open();
  const auto trial = RevertTrial::open(*repository_, plan_.history.head);
  const auto subset = largest_safe_subset(riders_of(changes_), {id(one)}, {id(one)},
                                          [&](const Codes& commits) { return trial->revert(commits); });
  ASSERT_TRUE(subset);
  EXPECT_EQ(subset->stuck_at, scratch_->id(one));
  EXPECT_EQ(subset->paths, Codes{"a"});
}

TEST_F(Scope, WithoutItsOnlyFeatureAMinorReleaseIsAPatch) {
  const int one = commit("feat: one", {{"c", "1\n"}});
  const int two = commit("fix: two", {{"d", "1\n"}});
  open();
  EXPECT_EQ(plan_.next.tag, "v1.1.0");
  const Plan without = plan_without(plan_, {scratch_->id(one)});
  EXPECT_EQ(without.next.tag, "v1.0.1");
  EXPECT_TRUE(without.manifest.is_complete());
  EXPECT_EQ(without.manifest.aboard(), 1U);
  log_.bring(record(one), SeatState::aboard);
  log_.bring(record(two), SeatState::described);
  EXPECT_DOUBLE_EQ(train_score(log_.fold(), {}), (100 + 85) / 2.0);
  EXPECT_DOUBLE_EQ(train_score(log_.fold(), {id(one)}), 85);
  EXPECT_EQ(train_score(log_.fold(), {id(one), id(two)}), 0);
}

}  // namespace
}  // namespace signalbox::train
