// Tags read from git's files beside what `git for-each-ref` says.
#include "core/git/refs.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/git/scratch_repository.hpp"

namespace signalbox::git {
namespace {

std::vector<TagRef> as_git_says(const ScratchRepository& scratch) {
  const std::string said =
      scratch.git({"for-each-ref", "--format=%(objectname) %(refname:strip=2)", "refs/tags/"});
  std::vector<TagRef> out;
  for (const std::string_view line : lines(said))
    out.emplace_back(line.substr(line.find(' ') + 1), line.substr(0, line.find(' ')));
  return out;
}

ScratchRepository tagged() {
  History history;
  const int first = history.commit("one");
  const int second = history.commit("two", {first});
  for (const char* name : {"v1.0.0", "v1.0.1", "@scope/a@1.0.0", "deep/er/v2", "v1.0.0-rc.1", "v10"})
    history.tag(name, first);
  history.tag("v2.0.0", second);
  return ScratchRepository(history);
}

TEST(Refs, LooseAndPackedTagsAsGitListsThem) {
  const ScratchRepository scratch = tagged();
  const std::filesystem::path git = scratch.path() / ".git";
  EXPECT_EQ(read_tag_refs(git).value(), as_git_says(scratch));
  scratch.git({"tag", "-a", "-m", "m", "annotated"});
  scratch.git({"pack-refs", "--all"});
  EXPECT_EQ(read_tag_refs(git).value(), as_git_says(scratch));
  scratch.git({"tag", "-f", "v1.0.1", "HEAD"});  // now both loose and packed
  scratch.git({"tag", "later"});
  scratch.git({"tag", "-d", "v10"});
  std::ofstream(git / "refs/tags/v3.lock") << "being written";
  EXPECT_EQ(read_tag_refs(git).value(), as_git_says(scratch));
  EXPECT_EQ(read_tag_refs(git)->size(), 8u);
}

TEST(Refs, WhatOnlyGitShouldJudgeIsLeftToIt) {
  const auto with = [](const std::string& name, const std::string& content) {
    const ScratchRepository scratch = tagged();
    std::ofstream(scratch.path() / ".git/refs/tags" / name) << content;
    return read_tag_refs(scratch.path() / ".git").has_value();
  };
  const std::string id(40, 'a');
  EXPECT_TRUE(with("plain", id + "\n"));
  EXPECT_FALSE(with("symbolic", "ref: refs/heads/main\n"));
  EXPECT_FALSE(with("cut", id.substr(1) + "\n"));
  EXPECT_FALSE(with("empty", ""));
  EXPECT_FALSE(with("zero", std::string(40, '0') + "\n"));
  EXPECT_FALSE(with("caf\xc3\xa9", id + "\n"));
  EXPECT_FALSE(with("two words", id + "\n"));
  EXPECT_FALSE(with("a..b", id + "\n"));
  std::vector<TagRef> out;
  EXPECT_TRUE(parse_packed_tags("# pack-refs with: peeled\n" + id + " refs/heads/x y\n", out));
  EXPECT_FALSE(parse_packed_tags(id + " refs/tags/v1", out)) << "its last line is cut short";
  EXPECT_FALSE(parse_packed_tags("nonsense\n", out));
  EXPECT_TRUE(out.empty());
}

TEST(Refs, ARepositoryWithoutTagsHasNone) {
  const ScratchRepository scratch;
  EXPECT_TRUE(read_tag_refs(scratch.path() / ".git")->empty());
  EXPECT_TRUE(scratch.open().tags()->empty());
}

}  // namespace
}  // namespace signalbox::git
