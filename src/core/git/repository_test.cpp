#include "core/git/repository.hpp"

#include <algorithm>
#include <fstream>
#include <set>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "core/base/process.hpp"
#include "core/base/text.hpp"
#include "core/git/scratch_repository.hpp"

namespace signalbox::git {
namespace {

std::vector<Commit> log_of(const Repository& repository, const std::vector<std::string>& range,
                           Order order = Order::newest_first) {
  std::vector<Commit> commits;
  const Status status =
      repository.log(range, order, [&](Commit&& commit) { commits.push_back(std::move(commit)); });
  EXPECT_TRUE(status) << status.error().message;
  return commits;
}

TEST(Repository, EachFieldOfACommitIsAsItWasWritten) {
  History history;
  history.commit({"root\n", {}, 1'600'000'000, "A B <a@b.c>", {}});
  history.commit({"subject\n\nbody\n\n\nend", {1}, -5, "Z\xc3\xa9 <z@z>", {}});
  const ScratchRepository scratch(history);
  const auto commits = log_of(scratch.open(), {"HEAD"});
  ASSERT_EQ(commits.size(), 2u);
  EXPECT_EQ(commits[0].id, scratch.id(2));
  EXPECT_EQ(commits[0].parents, std::vector<std::string>{scratch.id(1)});
  EXPECT_EQ(commits[0].author.name, "Z\xc3\xa9");
  EXPECT_EQ(commits[0].message, "subject\n\nbody\n\n\nend");
  EXPECT_EQ(commits[1].message, "root\n");
  EXPECT_EQ(commits[1].author.email, "a@b.c");
  EXPECT_EQ(commits[1].author_time_s, 1'600'000'000);
  EXPECT_TRUE(commits[1].parents.empty());
}

TEST(Repository, OctetsOfAMessageComeThroughWhateverTheyAre) {
  const std::vector<std::string> messages = {"latin \xe9\xff\n",
                                             "crlf\r\n\r\nbody\r\n",
                                             "\n\n  leading",
                                             "",
                                             "no end",
                                             std::string(2'000'000, 'x'),
                                             "escape \x1b[31m\x01",
                                             "\xf0\x9f\x9a\x82 (a(b)c): d\n"};
  History history;
  int last = 0;
  for (const std::string& message : messages)
    last = history.commit(message, last == 0 ? std::vector<int>{} : std::vector<int>{last});
  const ScratchRepository scratch(history);
  scratch.git({"config", "i18n.logOutputEncoding", "ISO-8859-1"});
  scratch.git({"config", "log.showSignature", "true"});
  scratch.git({"config", "core.quotePath", "true"});
  scratch.git({"config", "format.pretty", "oneline"});
  scratch.git({"config", "color.ui", "always"});
  scratch.git({"config", "core.pager", "false"});
  const auto commits = log_of(scratch.open(), {"HEAD"}, Order::topological);
  ASSERT_EQ(commits.size(), messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i)
    EXPECT_EQ(commits[messages.size() - 1 - i].message, messages[i]) << i;
}

TEST(Repository, TheEnvironmentOfAHookChangesNothing) {
  History history;
  history.commit("one\n");
  const ScratchRepository scratch(history);
  const ScratchRepository other;
  ::setenv("GIT_DIR", (other.path() / ".git").c_str(), 1);
  ::setenv("GIT_TRACE", "1", 1);
  const auto commits = log_of(scratch.open(), {"HEAD"});
  ::unsetenv("GIT_DIR");
  ::unsetenv("GIT_TRACE");
  EXPECT_EQ(commits.size(), 1u);
}

TEST(Repository, ANameThatLooksLikeAnOptionIsAName) {
  History history;
  const int first = history.commit("one\n");
  history.commit("two\n", {first});
  history.tag("--output=pwned", first);
  const ScratchRepository scratch(history);
  const Repository repository = scratch.open();
  EXPECT_EQ(repository.resolve("--output=pwned").value_or("?"), scratch.id(first));
  EXPECT_EQ(log_of(repository, {"--output=pwned"}).size(), 1u);
  EXPECT_EQ(log_of(repository, {"HEAD", "^--output=pwned"}).size(), 1u);
  EXPECT_FALSE(repository.resolve("--all"));
  EXPECT_FALSE(repository.resolve("HEAD\n--all"));
  EXPECT_FALSE(std::filesystem::exists(scratch.path() / "pwned"));
  EXPECT_EQ(repository.file_at("HEAD", "a\nb").error().kind, ErrorKind::bad_input);
}

TEST(Repository, AnUnknownRevisionNamesTheNearestOne) {
  History history;
  history.tag("v1.0.0", history.commit("one\n"));
  const ScratchRepository scratch(history);
  const auto missing = scratch.open().resolve("v1.0.1");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::not_found);
  EXPECT_NE(missing.error().hint.find("v1.0.0"), std::string::npos) << missing.error().hint;
}

TEST(Repository, TagsPeelToTheirCommitHoweverDeep) {
  History history;
  const int first = history.commit({"one\n", {}, 1'700'000'000, "A <a@a>", {{"file", "x"}}});
  history.tag("light", first);
  const ScratchRepository scratch(history);
  scratch.git({"tag", "-a", "-m", "m", "annotated", "light"});
  scratch.git({"tag", "-a", "-m", "m", "nested", "annotated"});
  scratch.git({"tag", "tree", "HEAD^{tree}"});
  const auto tags = scratch.open().tags();
  ASSERT_TRUE(tags);
  ASSERT_EQ(tags->size(), 4u);
  for (const Tag& tag : *tags) {
    EXPECT_EQ(tag.commit, tag.name == "tree" ? "" : scratch.id(first)) << tag.name;
    EXPECT_FALSE(tag.missing) << tag.name;
  }
}

TEST(Repository, ATagWhoseObjectIsGoneIsListedAsMissing) {
  History history;
  history.commit("one\n");
  const ScratchRepository scratch(history);
  scratch.git({"tag", "-a", "-m", "m", "lost"});
  const std::string object = scratch.git({"rev-parse", "lost"});
  std::filesystem::remove(scratch.path() / ".git/objects" / object.substr(0, 2) / object.substr(2));
  const auto tags = scratch.open().tags();
  ASSERT_TRUE(tags) << tags.error().message;
  ASSERT_EQ(tags->size(), 1u);
  EXPECT_TRUE(tags->front().missing);
  EXPECT_EQ(tags->front().commit, "");
}

TEST(Repository, AnEmptyABareAndAShallowRepositoryAreKnownForWhatTheyAre) {
  const ScratchRepository empty;
  EXPECT_TRUE(empty.open().is_empty());
  EXPECT_EQ(empty.open().resolve("HEAD").error().kind, ErrorKind::not_found);

  History history;
  const int first = history.commit("one\n");
  history.commit("two\n", {first});
  const ScratchRepository bare(history, ScratchRepository::Kind::bare);
  EXPECT_TRUE(bare.open().is_bare());
  EXPECT_FALSE(bare.open().is_empty());
  EXPECT_EQ(bare.open().is_clean().value_or(true), false);

  const TemporaryDirectory folder;
  bare.git({"clone", "-q", "--depth", "1", "file://" + bare.path().string(),
            (folder.path() / "shallow").string()});
  const auto shallow = Repository::open(folder.path() / "shallow");
  ASSERT_TRUE(shallow);
  EXPECT_TRUE(shallow->is_shallow());
  EXPECT_EQ(log_of(*shallow, {"HEAD"}).size(), 1u);
}

TEST(Repository, AFolderWithoutRepositoryIsNotFound) {
  const TemporaryDirectory folder;
  EXPECT_EQ(Repository::open(folder.path()).error().kind, ErrorKind::not_found);
  EXPECT_EQ(Repository::open(folder.path() / "absent").error().kind, ErrorKind::not_found);
}

TEST(Repository, AWorktreeReadsTheHistoryOfItsRepository) {
  History history;
  history.commit("one\n");
  const ScratchRepository scratch(history);
  const TemporaryDirectory folder;
  scratch.git({"worktree", "add", "-q", "--detach", (folder.path() / "tree").string()});
  const auto worktree = Repository::open(folder.path() / "tree");
  ASSERT_TRUE(worktree);
  EXPECT_EQ(worktree->resolve("HEAD").value_or("?"), scratch.id(1));
}

TEST(Repository, IsCleanUntilATrackedOrAnUnknownFileChanges) {
  History history;
  history.commit({"one\n", {}, 1'700'000'000, "A <a@a>", {{"file", "x"}, {".gitignore", "ignored\n"}}});
  const ScratchRepository scratch(history);
  const Repository repository = scratch.open();
  EXPECT_TRUE(repository.is_clean().value_or(false));
  std::ofstream(scratch.path() / "ignored") << "x";
  EXPECT_TRUE(repository.is_clean().value_or(false));
  std::ofstream(scratch.path() / "file") << "y";
  EXPECT_FALSE(repository.is_clean().value_or(true));
  scratch.git({"checkout", "-q", "file"});
  EXPECT_TRUE(repository.is_clean().value_or(false));
  std::ofstream(scratch.path() / "new") << "y";
  EXPECT_FALSE(repository.is_clean().value_or(true));
}

TEST(Repository, FilesAndChangesAreReadFromTheCommitNotFromTheWorkTree) {
  History history;
  const int first =
      history.commit({"one\n", {}, 1'700'000'000, "A <a@a>", {{"dir/\xc3\xa9", "old\n"}, {"same", "s"}}});
  const int second = history.commit(
      {"two\n", {first}, 1'700'000'060, "A <a@a>", {{"dir/\xc3\xa9", std::string("new\0\xff", 5)}}});
  const ScratchRepository scratch(history);
  const Repository repository = scratch.open();
  std::ofstream(scratch.path() / "same") << "changed";
  EXPECT_EQ(repository.file_at("HEAD", "same").value_or("?"), "s");
  EXPECT_EQ(repository.file_at("HEAD", "dir/\xc3\xa9").value_or("?"), std::string("new\0\xff", 5));
  EXPECT_EQ(repository.file_at(scratch.id(first), "dir/\xc3\xa9").value_or("?"), "old\n");
  EXPECT_EQ(repository.file_at("HEAD", "dir").error().kind, ErrorKind::not_found);
  EXPECT_EQ(repository.file_at("HEAD", "absent").error().kind, ErrorKind::not_found);
  EXPECT_EQ(repository.changed_files(scratch.id(first), scratch.id(second)).value(),
            std::vector<std::string>{"dir/\xc3\xa9"});
}

TEST(Repository, TheAddressOfOriginHasNoCredentials) {
  const ScratchRepository scratch;
  EXPECT_EQ(scratch.open().remote_url().error().kind, ErrorKind::not_found);
  scratch.git({"remote", "add", "origin", "https://user:secret@host.example/a@b.git"});
  EXPECT_EQ(scratch.open().remote_url().value_or("?"), "https://host.example/a@b.git");
  scratch.git({"remote", "set-url", "origin", "git@host.example:a.git"});
  EXPECT_EQ(scratch.open().remote_url().value_or("?"), "git@host.example:a.git");
}

TEST(Repository, ReplacedCommitsAreReadAsTheirIdsSay) {
  History history;
  const int first = history.commit("one\n");
  history.commit("two\n", {first});
  const ScratchRepository scratch(history);
  scratch.git({"replace", scratch.id(2), scratch.id(1)});
  EXPECT_EQ(log_of(scratch.open(), {"HEAD"}).front().message, "two\n");
}

// one ← two ← three, of which the grafts say that three has no parent but one; and side, which they make a
// parent of two.
TEST(Repository, GraftsChangeNothing) {
  History history;
  const int one = history.commit("one\n");
  const int two = history.commit("two\n", {one});
  const int three = history.commit("three\n", {two});
  const int side = history.commit("side\n");
  history.tag("v1", one);
  history.tag("v2", two);
  history.tag("aside", side);
  history.branch("main", three);
  const ScratchRepository scratch(history);
  std::ofstream(scratch.path() / ".git" / "info" / "grafts")
      << scratch.id(three) << ' ' << scratch.id(one) << '\n'
      << scratch.id(one) << ' ' << scratch.id(side) << '\n';
  ASSERT_EQ(scratch.git({"log", "--format=%s"}), "three\none\nside") << "git itself follows the grafts";

  const Repository repository = scratch.open();
  const auto commits = log_of(repository, {"HEAD"}, Order::topological);
  ASSERT_EQ(commits.size(), 3U);
  EXPECT_EQ(commits[0].parents, std::vector<std::string>{scratch.id(two)});
  EXPECT_EQ(commits[1].parents, std::vector<std::string>{scratch.id(one)});
  EXPECT_TRUE(commits[2].parents.empty());
  EXPECT_EQ(repository.count({"HEAD"}).value(), 3U);
  EXPECT_EQ(repository.commit_ids({"HEAD", "^v1"}).value(),
            (std::vector<std::string>{scratch.id(three), scratch.id(two)}));
  EXPECT_EQ(repository.resolve("HEAD~1").value(), scratch.id(two));
  EXPECT_TRUE(repository.is_ancestor("v2", "HEAD").value());
  EXPECT_FALSE(repository.is_ancestor("aside", "HEAD").value());
  EXPECT_EQ(repository.merged_tags("HEAD").value(), (std::vector<std::string>{"v1", "v2"}));
  EXPECT_EQ(repository.tags_holding("aside").value(), std::vector<std::string>{"aside"});
}

// A hook's environment may name another file of grafts.
TEST(Repository, AFileOfGraftsInTheEnvironmentChangesNothing) {
  History history;
  const int one = history.commit("one\n");
  const int two = history.commit("two\n", {one});
  history.branch("main", two);
  const ScratchRepository scratch(history);
  const std::filesystem::path grafts = scratch.path() / "elsewhere";
  std::ofstream(grafts) << scratch.id(two) << '\n';
  ASSERT_EQ(::setenv("GIT_GRAFT_FILE", grafts.c_str(), 1), 0);
  const std::string by_git = scratch.git({"rev-list", "--count", "HEAD"});
  const auto counted = scratch.open().count({"HEAD"});
  ::unsetenv("GIT_GRAFT_FILE");
  EXPECT_EQ(by_git, "1");
  EXPECT_EQ(counted.value(), 2U);
}

TEST(Repository, AHundredThousandCommitsAreReadWhole) {
  History history;
  int last = history.commit("feat: the first\n");
  for (int i = 1; i < 100'000; ++i)
    last = history.commit("fix(scope): number " + std::to_string(i) + "\n", {last});
  const ScratchRepository scratch(history);
  std::set<std::string> seen;
  const Status status = scratch.open().log({"HEAD"}, Order::newest_first,
                                           [&](Commit&& commit) { seen.insert(std::move(commit.id)); });
  EXPECT_TRUE(status);
  EXPECT_EQ(seen.size(), 100'000u);
}

TEST(Repository, SaysWhichTagsHoldACommitAndWhoseAncestorItIs) {
  History history;
  const int root = history.commit("root");
  const int left = history.commit("left", {root});
  const int right = history.commit("right", {root});
  history.tag("v1", root);
  history.tag("v2-left", left);
  history.tag("v2-right", right);
  const ScratchRepository scratch(history);
  const Repository repository = scratch.open();
  auto names = repository.tags_holding(scratch.id(left)).value();
  EXPECT_EQ(names, std::vector<std::string>{"v2-left"});
  EXPECT_EQ(repository.tags_holding("v1")->size(), 3U);
  EXPECT_TRUE(repository.is_ancestor("v1", "v2-left").value());
  EXPECT_TRUE(repository.is_ancestor("v2-left", scratch.id(left)).value());
  EXPECT_FALSE(repository.is_ancestor("v2-left", "v2-right").value());
  EXPECT_FALSE(repository.is_ancestor("v2-left", "v1").value());
  EXPECT_FALSE(repository.is_ancestor("absent", "v1"));
}

}  // namespace
}  // namespace signalbox::git
