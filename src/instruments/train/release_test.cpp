#include "instruments/train/release.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/base/text.hpp"
#include "core/git/history_walk.hpp"
#include "core/git/repository.hpp"
#include "core/git/scratch_repository.hpp"

namespace signalbox::train {
namespace {

TEST(Release, ATagIsTakenApartIntoPackageAndVersion) {
  const auto check = [](std::string_view tag, std::string_view package, std::string_view version) {
    const auto release = parse_release_tag(tag, "");
    ASSERT_TRUE(release) << tag;
    EXPECT_EQ(release->package, package) << tag;
    EXPECT_EQ(release->version.text(), version) << tag;
  };
  check("v1.2.3", "", "1.2.3");
  check("1.2.3-rc.1", "", "1.2.3-rc.1");
  check("core@1.2.3", "core", "1.2.3");
  check("@scope/core@1.2.3", "@scope/core", "1.2.3");
  check("curl-8_9_1", "curl", "8.9.1");
  check("REL_1_10_0", "REL", "1.10.0");
  check("plugin-2-v1.0.0-beta.1", "plugin-2", "1.0.0-beta.1");
  for (const char* tag : {"v1.2", "latest", "version1.2.3", "v1.2.3_x", "rc-8_22_0-2", "curl-8_9",
                          "curl-8_9_1_2", "2024_05", ""})
    EXPECT_FALSE(parse_release_tag(tag, "")) << tag;
}

TEST(Release, TheNextTagIsWrittenAsTheLastOneWas) {
  const auto next = [](std::string_view tag) {
    return tag_of(*parse_version("2.0.0"), *parse_release_tag(tag, ""));
  };
  EXPECT_EQ(next("v1.2.3"), "v2.0.0");
  EXPECT_EQ(next("core@1.2.3"), "core@2.0.0");
  EXPECT_EQ(next("curl-8_9_1"), "curl-2_0_0");
}

// The oracle is git: the first tag, ascending by version, among those that `git tag --contains` names.
TEST(Release, ACommitBelongsToTheFirstReleaseThatGitSaysContainsIt) {
  git::History history;
  const int root = history.commit("root");
  const int side = history.commit({"side", {root}, 1, "A <a@a>", {}});  // dates lie
  const int main = history.commit({"main", {root}, 2'000'000'000, "A <a@a>", {}});
  const int merge = history.commit("merge", {main, side});
  const int branch = history.commit("branch", {main});
  const int head = history.commit("head", {merge});
  history.tag("v1.10.0", merge);
  history.tag("v1.9.0", branch);  // no ancestor of v1.10.0
  history.tag("v1.9.1", branch);  // two tags on one commit
  history.tag("v2.0.0-rc.1", side);
  history.branch("other", branch);
  history.branch("main", head);
  const git::ScratchRepository scratch(history);
  const git::Repository repository = scratch.open();
  std::vector<Release> releases;
  const auto tags = repository.tags().value();
  for (const git::Tag& tag : tags) releases.push_back(parse_release_tag(tag.name, tag.commit).value());
  sort_releases(releases);
  const git::ObjectStore store = repository.objects();
  git::CommitTable commits(store.format(), 1);
  std::vector<git::ObjectId> tips;
  for (int commit = root; commit <= head; ++commit)
    tips.push_back(git::parse_object_id(scratch.id(commit)).value());
  ASSERT_TRUE(git::read_history(
      store, tips, [](const git::CommitObject&, std::string&) {}, commits));
  const auto holder = assign_releases(commits, releases);
  for (int commit = root; commit <= head; ++commit) {
    std::string expected;
    const std::string containing = scratch.git({"tag", "--contains", scratch.id(commit)});
    const auto names = lines(containing);
    for (auto release = releases.rbegin(); release != releases.rend(); ++release) {
      if (std::find(names.begin(), names.end(), release->tag) != names.end()) expected = release->tag;
    }
    const std::uint32_t held = holder[commits.find(git::parse_object_id(scratch.id(commit)).value()).value()];
    EXPECT_EQ(held == kUnreleased ? "" : releases[held].tag, expected) << commit;
  }
}

}  // namespace
}  // namespace signalbox::train
