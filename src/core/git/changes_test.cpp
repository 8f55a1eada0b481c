#include "core/git/changes.hpp"

#include <gtest/gtest.h>

#include "core/git/scratch_repository.hpp"

namespace signalbox::git {
namespace {

TEST(ChangeStats, EachCommitIsComparedWithItsFirstParent) {
  History history;
  const int root = history.commit({"root", {}, 1'700'000'000, "A <a@a>", {{"a", "1\n2\n"}, {"b c", "x\n"}}});
  const int side =
      history.commit({"side", {root}, 1'700'000'060, "A <a@a>", {{"dir/\xc3\xa9\t1", "1\n2\n3\n"}}});
  const int main = history.commit({"main", {root}, 1'700'000'120, "A <a@a>", {{"a", "1\n3\n4\n"}}});
  const int merge =
      history.commit({"merge", {main, side}, 1'700'000'180, "A <a@a>", {{"dir/\xc3\xa9\t1", "1\n2\n3\n"}}});
  const int empty = history.commit({"empty", {merge}, 1'700'000'240, "A <a@a>", {}});
  const int binary =
      history.commit({"binary", {empty}, 1'700'000'300, "A <a@a>", {{"z", std::string("\0\1", 2)}}});
  const ScratchRepository scratch(history);
  std::vector<std::string> ids;
  for (const int commit : {root, side, main, merge, empty, binary}) ids.push_back(scratch.id(commit));
  auto stats = change_stats(scratch.open(), ids);
  ASSERT_TRUE(stats) << stats.error().message;
  ASSERT_EQ(stats->size(), 6U);
  const auto& of_root = (*stats)[scratch.id(root)];
  ASSERT_EQ(of_root.size(), 2U);
  EXPECT_EQ(of_root[1].path, "b c");
  EXPECT_EQ(of_root[0].added, 2U);
  const auto& of_main = (*stats)[scratch.id(main)];
  ASSERT_EQ(of_main.size(), 1U);
  EXPECT_EQ(of_main[0].added, 2U);
  EXPECT_EQ(of_main[0].deleted, 1U);
  const auto& of_merge = (*stats)[scratch.id(merge)];
  ASSERT_EQ(of_merge.size(), 1U);
  EXPECT_EQ(of_merge[0].path, "dir/\xc3\xa9\t1");
  EXPECT_EQ(of_merge[0].added, 3U);
  EXPECT_TRUE((*stats)[scratch.id(empty)].empty());
  EXPECT_TRUE((*stats)[scratch.id(binary)].at(0).binary);
}

// More ids than fit into a pipe, with answers that do not either.
TEST(ChangeStats, ManyCommitsDoNotStopTheConversation) {
  constexpr int kCommits = 2500;
  History history;
  int last = history.commit({"0", {}, 1'700'000'000, "A <a@a>", {{"a", "0"}}});
  for (int i = 1; i < kCommits; ++i)
    last = history.commit({"c", {last}, 1'700'000'000 + i, "A <a@a>", {{"a", std::to_string(i)}}});
  const ScratchRepository scratch(history);
  std::vector<std::string> ids;
  for (int i = 1; i <= kCommits; ++i) ids.push_back(scratch.id(i));
  const auto stats = change_stats(scratch.open(), ids);
  ASSERT_TRUE(stats) << stats.error().message;
  EXPECT_EQ(stats->size(), 2500U);
  for (const auto& [id, files] : *stats) ASSERT_EQ(files.size(), 1U) << id;
}

TEST(ChangeStats, ACommitThatIsNotThereIsAnError) {
  History history;
  history.commit("one");
  const ScratchRepository scratch(history);
  EXPECT_FALSE(change_stats(scratch.open(), {std::string(40, '1')}));
}

}  // namespace
}  // namespace signalbox::git
