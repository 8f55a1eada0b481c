#include "instruments/train/parsed_commit.hpp"

#include <gtest/gtest.h>

#include "core/base/digest.hpp"
#include "core/base/text.hpp"

namespace signalbox::train {
namespace {

const std::string kReverted(40, 'a');

// One of each kind, and what is odd.
std::vector<std::string> messages() {
  return {"feat(a)!: one (#12)\n\nBREAKING CHANGE: gone\n\nRefs: #3\n",
          "Merge pull request #345 from a/b\n\ntitle\n",
          "Merge branch 'x' into 'main'\n\ntitle\n\nSee merge request group/sub/project!678\n",
          "Revert \"feat: b\"\n\nThis reverts commit " + kReverted + ".\n",
          "fix: many (#9)\n\n* feat(x): one\n* fix: two\n* note: three\n",
          "v1.2.3\n",
          "",
          "\n\n  \xff odd \x1b[31m\t" + std::string(3000, 'x') + "\n",
          "fixup! feat: a\n",
          std::string("feat: nul\0inside\n", 17)};
}

std::string written(const std::string& message) {
  std::string out;
  write_parsed(message, "Z\xc3\xa9 \xff", -5, out);
  return out;
}

TEST(ParsedCommit, WhatIsReadIsWhatWasWritten) {
  const std::string octets = written(messages()[0]);
  const ParsedCommit first = read_parsed(octets);
  EXPECT_EQ(first.kind, MessageKind::conventional);
  EXPECT_TRUE(first.breaking);
  EXPECT_EQ(first.type, "feat");
  EXPECT_EQ(first.scope, "a");
  EXPECT_EQ(first.subject, "one (#12)");
  EXPECT_EQ(first.author, "Z\xc3\xa9 \\xff");
  EXPECT_EQ(first.author_time_s, -5);
  EXPECT_EQ(first.breaking_note, "gone");
  EXPECT_EQ(first.pull_request, 12u);
  EXPECT_TRUE(first.lists.empty());
  const std::string reverting = written(messages()[3]);
  EXPECT_EQ(read_parsed(reverting).reverts(), std::vector<std::string_view>{kReverted});
  const std::string squashed = written(messages()[4]);
  EXPECT_EQ(read_parsed(squashed).parts(),
            (std::vector<std::string_view>{"feat(x): one", "fix: two", "note: three"}));
  EXPECT_TRUE(read_parsed(written("v1.2.3")).names_version);
}

TEST(ParsedCommit, NestedCommitsAreMessagesOfTheirOwn) {
  const auto parts = [](const std::string& message) {
    const std::string octets = written(message);
    std::vector<std::string> out;
    for (const std::string_view part : read_parsed(octets).parts()) out.emplace_back(part);
    return out;
  };
  using Parts = std::vector<std::string>;
  EXPECT_EQ(parts("chore: many (#1)\n\nBEGIN_NESTED_COMMIT\nfeat(a): one\n\nBREAKING CHANGE: it went\n"
                  "END_NESTED_COMMIT\nbetween\nBEGIN_NESTED_COMMIT\n\nfix!: two\nEND_NESTED_COMMIT\n"),
            (Parts{"feat(a)!: one", "fix!: two"}));
  EXPECT_EQ(parts("fix: a\n\nBEGIN_NESTED_COMMIT\nfeat: open\nBEGIN_NESTED_COMMIT\nwords alone"),
            Parts{"feat: open"});
  EXPECT_EQ(parts("fix: a\n\nBEGIN_NESTED_COMMIT"), Parts{});
  EXPECT_EQ(parts("fix: a\n\nBEGIN_NESTED_COMMIT\nfeat: b\n\n* fix: c\n* fix: d\nEND_NESTED_COMMIT\n"),
            Parts{"feat: b"});
}

TEST(ParsedCommit, PullRequestsAreKnownByTheFormsOfForges) {
  const auto number = [](std::string_view message) { return pull_request_of(parse_message(message)); };
  EXPECT_EQ(number("feat: a (#12)"), 12u);
  EXPECT_EQ(number("a (#12) (#34)"), 34u);
  EXPECT_EQ(number("Merge pull request #345 from a/b"), 345u);
  EXPECT_EQ(number("Merge branch 'x'\n\nSee merge request group/project!678"), 678u);
  EXPECT_EQ(number("Merged PR 77: title"), 77u);
  for (const char* none :
       {"feat: a", "fix #12", "fix: a (#12b)", "fix: a (#)", "a (#12) b", "See merge request a/b!3",
        "x\n\nnote: See merge request a/b!3", "a (#99999999999999999999)"})
    EXPECT_EQ(number(none), 0u) << none;
}

TEST(ParsedCommit, TextsAreOneLineOfUtf8AndNotTooLong) {
  for (const std::string& message : messages()) {
    const std::string octets = written(message);
    const ParsedCommit commit = read_parsed(octets);
    for (const std::string_view text :
         {commit.type, commit.scope, commit.subject, commit.author, commit.breaking_note}) {
      EXPECT_TRUE(is_utf8(text));
      EXPECT_EQ(text.find_first_of("\n\t\x1b"), std::string_view::npos);
      EXPECT_LE(text.size(), 1100u);
    }
  }
  const std::string cut = written("feat: " + std::string(999, 'x') + "\xc3\xa9" + "end");
  EXPECT_TRUE(read_parsed(cut).subject.ends_with("xxx…"));
}

TEST(ParsedCommit, OddOctetsGiveACommitWithoutWords) {
  const std::string good = written(messages()[4]);
  for (std::size_t size = 0; size < good.size(); ++size) {
    const ParsedCommit commit = read_parsed(std::string_view(good).substr(0, size));
    EXPECT_LE(commit.parts().size() + commit.reverts().size(), good.size());
  }
  const std::string odd(64, '\xff');
  EXPECT_EQ(read_parsed(odd).kind, MessageKind::other);
}

// What is kept between runs is read again by its version alone. Where this digest changes, raise
// kParsedCommitVersion and write the new digest here.
TEST(ParsedCommit, AChangeOfWhatIsKeptRaisesItsVersion) {
  std::string all;
  for (const std::string& message : messages()) all += written(message);
  EXPECT_EQ(kParsedCommitVersion, 2u);
  EXPECT_EQ(to_hex(sha256(all)), "9aef9210d86e82fb311b0d68bbf2043207a38ffadb46234a8c1667bbfb271cda");
}

}  // namespace
}  // namespace signalbox::train
