// Changes as they are found in real repositories.
#include "instruments/train/boarding/change.hpp"

#include <gtest/gtest.h>

#include "core/git/scratch_repository.hpp"

namespace signalbox::train {
namespace {

using Files = std::map<std::string, std::string>;

class Changes : public ::testing::Test {
 protected:
  int commit(const std::string& message, std::vector<int> parents, Files files = {}) {
    return history_.commit({message, std::move(parents), 1'700'000'000 + 60 * ++count_,
                            "Ada <ada@example.org>", std::move(files)});
  }
  void open() {
    scratch_ = std::make_unique<git::ScratchRepository>(history_);
    repository_.emplace(scratch_->open());
    read_ = read_history(*repository_, {}).value();
    finder_.emplace(*repository_, read_);
  }
  Change find(const std::string& text) {
    auto change = finder_->find(text);
    EXPECT_TRUE(change) << text << ": " << (change ? "" : change.error().message);
    return change ? std::move(*change) : Change();
  }
  std::vector<std::string> ids(std::initializer_list<int> commits) const {
    std::vector<std::string> out;
    for (const int one : commits) out.push_back(scratch_->id(one));
    return out;
  }

  git::History history_;
  int count_ = 0;
  std::unique_ptr<git::ScratchRepository> scratch_;
  std::optional<git::Repository> repository_;
  History read_;
  std::optional<ChangeFinder> finder_;
};

TEST(PullRequest, IsNamedAsForgesNameIt) {
  EXPECT_EQ(pull_request_of("Merge pull request #7 from a/b\n\nfeat: x"), 7U);
  EXPECT_EQ(pull_request_of("feat: x (#12)"), 12U);
  EXPECT_EQ(pull_request_of("feat: x (#12) \n\nbody"), 12U);
  EXPECT_EQ(pull_request_of("Revert \"feat: x (#12)\" (#15)"), 15U);
  EXPECT_EQ(pull_request_of("Merge branch 'x' into 'main'\n\nfeat: x\n\nSee merge request group/project!9"),
            9U);
  for (const char* none :
       {"feat: x", "fix: like (#12) but not", "feat: x (#)", "feat: x (#a)", "Revert \"x (#12)\"", ""})
    EXPECT_FALSE(pull_request_of(none)) << none;
  EXPECT_EQ(pull_request_from("#12"), 12U);
  EXPECT_EQ(pull_request_from("pr-12"), 12U);
  for (const char* none : {"12", "#", "#x", "pr-", "#1234567890123"})
    EXPECT_FALSE(pull_request_from(none)) << none;
}

TEST_F(Changes, AMergeBringsWhatItMergesAndIsMeasuredAgainstTheLine) {
  const int base = commit("feat: base", {}, {{"a", "1\n"}});
  history_.tag("v1.0.0", base);
  const int side = commit("feat: one", {base}, {{"b", "1\n2\n"}});
  const int more = commit("fix: two", {side}, {{"b", "1\n2\n3\n"}});
  const int line = commit("feat: line", {base}, {{"c", "1\n"}});
  const int merge =
      commit("Merge pull request #7 from x/y\n\nfeat: both of them", {line, more}, {{"b", "1\n2\n3\n"}});
  open();
  const Change change = find("#7");
  EXPECT_EQ(change.id, "pr-7");
  EXPECT_EQ(change.title, "feat: both of them");
  EXPECT_EQ(change.author, "ada@example.org");
  EXPECT_EQ(change.commits.front(), scratch_->id(merge));
  EXPECT_EQ(std::set<std::string>(change.commits.begin(), change.commits.end()).size(), 3U);
  EXPECT_EQ(change.applied, ids({merge}));
  ASSERT_EQ(change.facts.files.size(), 1U);
  EXPECT_EQ(change.facts.churn(), 3U);
  EXPECT_EQ(find(scratch_->id(merge)).id, "pr-7");  // one change, one id
  const Change inner = find(scratch_->id(side));
  EXPECT_EQ(inner.id, scratch_->id(side).substr(0, 12));
  EXPECT_EQ(inner.commits, ids({side}));
  EXPECT_EQ(inner.facts.churn(), 2U);
  const auto all = finder_->all();
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2U);
  EXPECT_EQ((*all)[0].id, "pr-7");
  EXPECT_EQ((*all)[1].commits, ids({line}));
}

TEST_F(Changes, CommitsOfOnePullRequestAreOneChange) {
  const int base = commit("feat: base", {});
  history_.tag("v1.0.0", base);
  const int first = commit("feat: x (#3)", {base}, {{"a", "1\n"}});
  const int between = commit("fix: y", {first}, {{"b", "1\n"}});
  const int second = commit("feat: x, more (#3)", {between}, {{"a", "1\n2\n"}});
  open();
  const Change change = find("pr-3");
  EXPECT_EQ(change.commits, ids({second, first}));
  EXPECT_EQ(change.title, "feat: x (#3)");
  ASSERT_EQ(change.facts.files.size(), 1U);
  EXPECT_EQ(change.facts.churn(), 2U);
  EXPECT_EQ(finder_->all()->size(), 2U);
}

TEST_F(Changes, EveryCommitOfTheRangeIsOfExactlyOneChange) {
  const int base = commit("feat: base", {});
  history_.tag("v1.0.0", base);
  int line = base;
  for (int i = 0; i < 5; ++i) {
    const int side = commit("feat: side", {line});
    const int deeper = commit("fix: deeper", {base});
    const int inner = commit("Merge branch 'deeper'", {side, deeper});
    line = commit("Merge branch 'side'", {line, inner});
  }
  open();
  std::vector<std::string> told;
  const auto all = finder_->all();
  ASSERT_TRUE(all);
  for (const Change& change : *all) told.insert(told.end(), change.commits.begin(), change.commits.end());
  EXPECT_EQ(told.size(), 20U);
  EXPECT_EQ(std::set<std::string>(told.begin(), told.end()).size(), 20U);
  EXPECT_EQ(all->size(), 5U);
}

TEST_F(Changes, WhatHasLeftIsNamedWithTheLowestReleaseThatHoldsIt) {
  const int old = commit("feat: old (#1)", {});
  history_.tag("nightly", old);
  history_.tag("v1.0.0", old);
  const int next = commit("feat: next", {old});
  history_.tag("v1.1.0", next);
  const int now = commit("feat: now", {next});
  const int elsewhere = commit("feat: elsewhere", {old});
  history_.branch("main", now);
  history_.branch("other", elsewhere);
  open();
  EXPECT_EQ(find(scratch_->id(old)).shipped_in, "v1.0.0");
  EXPECT_EQ(find("#1").shipped_in, "v1.0.0");
  EXPECT_EQ(find(scratch_->id(next)).shipped_in, "v1.1.0");
  EXPECT_TRUE(find("HEAD").is_merged);
  EXPECT_FALSE(find("other").is_merged);
  EXPECT_FALSE(find("other").shipped_in);
  EXPECT_EQ(finder_->find("absent").error().kind, ErrorKind::not_found);
  EXPECT_EQ(finder_->find("#99").error().kind, ErrorKind::not_found);
}

TEST_F(Changes, FilesWhoseChangesWereTakenBackBeforeAreCounted) {
  const int base = commit("feat: base", {}, {{"a", "1\n"}, {"b", "1\n"}});
  const int bad = commit("feat: bad", {base}, {{"a", "2\n"}});
  open();
  const int back = commit("Revert \"feat: bad\"\n\nThis reverts commit " + scratch_->id(bad) + ".\n", {bad},
                          {{"a", "1\n"}});
  history_.tag("v1.0.0", back);
  const int again = commit("feat: again", {back}, {{"a", "3\n"}});
  const int calm = commit("feat: calm", {again}, {{"b", "2\n"}});
  open();
  EXPECT_EQ(find(scratch_->id(again)).facts.past_reverts, 1U);
  EXPECT_EQ(find(scratch_->id(calm)).facts.past_reverts, 0U);
}

TEST_F(Changes, HoldersAreTheCommitItselfAndItsDescendants) {
  const int base = commit("feat: base", {});
  history_.tag("v1.0.0", base);
  const int side = commit("feat: side", {base});
  const int line = commit("feat: line", {base});
  const int merge = commit("Merge branch 'side'", {line, side});
  const int head = commit("feat: head", {merge});
  open();
  EXPECT_EQ(finder_->holders_of(scratch_->id(side)).size(), 3U);
  EXPECT_EQ(finder_->holders_of(scratch_->id(side)).count(scratch_->id(line)), 0U);
  EXPECT_EQ(finder_->holders_of(scratch_->id(head)).size(), 1U);
  EXPECT_TRUE(finder_->holders_of(scratch_->id(base)).empty());
}

}  // namespace
}  // namespace signalbox::train
