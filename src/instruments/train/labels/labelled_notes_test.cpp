// Notes by label beside what GitHub's documentation of release.yml says of the same requests.
#include "instruments/train/labels/labelled_notes.hpp"

#include <gtest/gtest.h>

namespace signalbox::train {
namespace {

// The example of GitHub's documentation, with an author left out from one category.
constexpr const char* kReleaseYml =
    "changelog:\n"
    "  exclude:\n"
    "    labels:\n      - ignore-for-release\n"
    "    authors:\n      - octocat\n"
    "  categories:\n"
    "    - title: Breaking Changes 🛠\n      labels:\n        - Semver-Major\n        - breaking-change\n"
    "    - title: Exciting New Features 🎉\n      labels:\n        - Semver-Minor\n        - enhancement\n"
    "      exclude:\n        authors: [dependabot]\n"
    "    - title: Bugs\n      labels: [bug]\n";

NotesRules rules(const std::string& text = kReleaseYml) {
  auto parsed = parse_release_yml(text, ".github/release.yml");
  return parsed ? *parsed : NotesRules{{{"failed: " + parsed.error().message}, {}}, {}};
}

PullRequest request(std::uint64_t number, std::vector<std::string> labels, std::string author = "ada") {
  return {number, "Title " + std::to_string(number), std::move(author), "", std::move(labels)};
}

git::Commit commit(char id, const std::string& message, const std::string& parents = "") {
  git::Commit out;
  out.id = std::string(40, id);
  for (const char parent : parents) out.parents.emplace_back(40, parent);
  out.author = {"Ada", "a@a"};
  out.message = message;
  return out;
}

LabelledNotes label(const std::vector<git::Commit>& commits, const PullRequests& requests,
                    const NotesRules& by) {
  return label_notes({"1.1.0", "v1.1.0", "v1.0.0", 0, make_manifest(commits, commits.size(), {})}, commits,
                     requests, by);
}

TEST(ReleaseYml, TheFirstCategoryThatTakesARequestHasIt) {
  const NotesRules by = rules();
  ASSERT_EQ(by.categories.size(), 3u);
  EXPECT_EQ(category_of(by, request(1, {"bug", "semver-minor"})), 1u)
      << "the order of the file, not of labels";
  EXPECT_EQ(category_of(by, request(1, {"BUG"})), 2u) << "labels differ by more than case";
  EXPECT_EQ(category_of(by, request(1, {"enhancement", "bug"}, "dependabot")), 2u);
  EXPECT_EQ(category_of(by, request(1, {"enhancement"}, "dependabot")), std::nullopt);
  EXPECT_EQ(category_of(by, request(1, {})), std::nullopt);
  const NotesRules all = rules("changelog:\n  categories:\n    - title: All\n      labels: ['*']\n");
  EXPECT_EQ(category_of(all, request(1, {})), 0u);
}

TEST(ReleaseYml, WhatItCannotMeanIsRefusedWithItsPlace) {
  const auto message = [](const char* text) {
    const auto parsed = parse_release_yml(text, "release.yml");
    return parsed ? std::string("read") : parsed.error().message;
  };
  EXPECT_EQ(message("changelog:\n  categories:\n    - title: a\n").substr(0, 18), "release.yml:3:7: c");
  EXPECT_EQ(message("changelog:\n  categories:\n    - labels: [a]\n").substr(0, 14), "release.yml:3:");
  EXPECT_EQ(message("changelog: 7\n").substr(0, 14), "release.yml:1:");
  EXPECT_EQ(message("changelog:\n  exclude: [a]\n").substr(0, 14), "release.yml:2:");
  EXPECT_EQ(message(""), "read");
  EXPECT_EQ(message("changelog:\n  unknown: 1\n"), "read") << "GitHub does not mind either";
}

TEST(LabelledNotes, ARequestIsToldOfOnceWithAllItsCommits) {
  // e: merge of #2, with c and d on its side; b: squashed #1; a: of nobody.
  const std::vector<git::Commit> commits = {
      commit('e', "Merge pull request #2 from x/y\n\nA title of its own\n", "bd"),
      commit('d', "chore: more", "c"), commit('c', "feat: it", "a"), commit('b', "fix: that (#1)", "a"),
      commit('a', "feat: alone", "0")};
  EXPECT_EQ(requests_of(commits), (std::vector<std::uint64_t>{2, 2, 2, 1, 0}));
  const LabelledNotes notes = label(commits, {{1, request(1, {"bug"})}}, rules());
  EXPECT_TRUE(notes.is_complete()) << notes.proof();
  ASSERT_EQ(notes.sections.size(), 2u);
  EXPECT_EQ(notes.sections[0].title, "Bugs");
  EXPECT_EQ(notes.sections[0].entries.at(0).title, "Title 1");
  EXPECT_EQ(notes.sections[1].title, "Other Changes");
  ASSERT_EQ(notes.sections[1].entries.size(), 2u);
  EXPECT_EQ(notes.sections[1].entries[0].title, "A title of its own");
  EXPECT_EQ(notes.sections[1].entries[0].commits.size(), 3u);
  EXPECT_EQ(notes.sections[1].entries[1].title, "feat: alone");
  EXPECT_EQ(notes.unknown, std::vector<std::uint64_t>{2});
  const std::string text = write_labelled(notes, NotesForm::github);
  EXPECT_TRUE(text.starts_with("## What's changed\n\n### Bugs\n\n* Title 1 by @ada in #1\n")) << text;
  EXPECT_NE(text.find("* A title of its own by Ada in #2\n"), std::string::npos) << text;
}

TEST(LabelledNotes, WhatIsLeftOutHasItsRule) {
  const std::vector<git::Commit> commits = {
      commit('f', "chore: routine", "e"),
      commit('e', "feat: c (#3)", "d"),
      commit('d', "feat: b (#2)", "c"),
      commit('c', "chore: a (#1)", "b"),
      commit('b', "Revert \"feat: x (#4)\"\n\nThis reverts commit " + std::string(40, 'a') + ".\n", "a"),
      commit('a', "feat: x (#4)", "0")};
  const LabelledNotes notes = label(commits,
                                    {{1, request(1, {"bug"})},
                                     {2, request(2, {"ignore-for-release"})},
                                     {3, request(3, {"bug"}, "octocat")},
                                     {4, request(4, {"bug"})}},
                                    rules());
  EXPECT_TRUE(notes.is_complete()) << notes.proof();
  ASSERT_EQ(notes.sections.size(), 1u);
  ASSERT_EQ(notes.sections[0].entries.size(), 1u);
  EXPECT_EQ(notes.sections[0].entries[0].number, 1u) << "a label speaks for a chore";
  std::vector<std::string> rules_of;
  for (const LeftOut& item : notes.left_out) rules_of.push_back(item.commit.substr(0, 1) + " " + item.rule);
  EXPECT_EQ(rules_of,
            (std::vector<std::string>{"f routine", "e author", "d label", "b cancelled", "a cancelled"}));
}

TEST(LabelledNotes, WithoutCategoriesThereIsOneList) {
  const LabelledNotes notes = label({commit('a', "feat: <x> (#1)")}, {}, {});
  EXPECT_EQ(
      write_labelled(notes, NotesForm::plain),
      "## 1.1.0\n\n- feat: &lt;x> (#1, Ada)\n\n<!-- 1 commit = 1 in entries + 0 left out by rule -->\n");
}

// A request merged into another's branch came with that one; a cross merge from main brings nothing.
TEST(LabelledNotes, ABranchThatMergedMainKeepsItsRequest) {
  const std::vector<git::Commit> commits = {
      commit('e', "Merge pull request #5 from x/y", "cd"), commit('d', "Merge branch 'main' into y", "bc"),
      commit('c', "fix: on main (#4)", "a"), commit('b', "feat: side", "a"), commit('a', "feat: base", "0")};
  EXPECT_EQ(requests_of(commits), (std::vector<std::uint64_t>{5, 5, 4, 5, 0}));
}

}  // namespace
}  // namespace signalbox::train
