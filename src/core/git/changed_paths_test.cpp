#include "core/git/changed_paths.hpp"

#include <map>
#include <set>

#include <gtest/gtest.h>

#include "core/git/scratch_repository.hpp"

namespace signalbox::git {
namespace {

TEST(ChangedPaths, AreThoseThatGitTellsOfEachCommitAlone) {
  History history;
  const int root = history.commit({"root", {}, 1, "A <a@a>", {{"a", "1"}, {"b/c", "1"}}});
  const int left = history.commit({"left", {root}, 2, "A <a@a>", {{"ödd name", "1"}, {"a", "2"}}});
  const int empty = history.commit({"empty", {left}, 3, "A <a@a>", {}});
  const int right = history.commit({"right", {root}, 4, "A <a@a>", {{"b/d", "1"}}});
  const int merge = history.commit({"merge", {empty, right}, 5, "A <a@a>", {{"b/d", "1"}}});
  history.branch("main", merge);
  const ScratchRepository scratch(history);
  scratch.git({"config", "log.showRoot", "false"});
  std::map<std::string, std::set<std::string>> found;
  const Status read = read_changed_paths(
      scratch.open(), {scratch.id(merge)},
      [&](std::string_view commit, std::string_view path) { found[std::string(commit)].emplace(path); });
  ASSERT_TRUE(read) << read.error().message;
  const std::map<std::string, std::set<std::string>> by_hand = {{scratch.id(root), {"a", "b/c"}},
                                                                {scratch.id(left), {"a", "ödd name"}},
                                                                {scratch.id(right), {"b/d"}},
                                                                {scratch.id(merge), {"b/d"}}};
  EXPECT_EQ(found, by_hand);
  found.clear();
  ASSERT_TRUE(read_changed_paths(
      scratch.open(), {scratch.id(merge), "^" + scratch.id(left)},
      [&](std::string_view commit, std::string_view path) { found[std::string(commit)].emplace(path); }));
  EXPECT_EQ(found.count(scratch.id(left)) + found.count(scratch.id(root)), 0u);
  EXPECT_EQ(found.count(scratch.id(right)), 1u);
}

}  // namespace
}  // namespace signalbox::git
