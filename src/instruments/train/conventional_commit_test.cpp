#include "instruments/train/conventional_commit.hpp"

#include <gtest/gtest.h>

namespace signalbox::train {
namespace {

TEST(ConventionalCommit, TheExampleOfTheSpecificationIsReadWhole) {
  const Message message = parse_message(
      "fix(parser)!: prevent racing of requests\n\nIntroduce a request id.\n\nRemove "
      "timeouts.\n\nReviewed-by: Z\nRefs: #123\n");
  EXPECT_EQ(message.kind, MessageKind::conventional);
  EXPECT_EQ(message.type, "fix");
  EXPECT_EQ(message.scope, "parser");
  EXPECT_TRUE(message.breaking);
  EXPECT_EQ(message.description, "prevent racing of requests");
  ASSERT_EQ(message.footers.size(), 2u);
  EXPECT_EQ(message.footers[0].token, "Reviewed-by");
  EXPECT_EQ(message.footers[1].value, "#123");
}

TEST(ConventionalCommit, ABreakingChangeCountsInAnyParagraphAndInCapitalsAlone) {
  EXPECT_TRUE(parse_message("feat: a\n\nBREAKING CHANGE: b\n\nmore text\n").breaking);
  EXPECT_EQ(parse_message("feat: a\r\n\r\nBREAKING-CHANGE: b\r\n\r\nCloses #1\r\n").breaking_note, "b");
  EXPECT_TRUE(parse_message("feat: a\n\nBREAKING CHANGE:\n\nb\n").breaking);
  EXPECT_FALSE(parse_message("feat: a\n\nbreaking change: b\n").breaking);
  EXPECT_FALSE(parse_message("feat: a\n\nsome BREAKING CHANGE: b\n").breaking);
}

TEST(ConventionalCommit, TheBodyIsNeverGrammar) {
  for (const char* body : {"(((", "```\nfeat: x\n```", "    indented: (x", "* (", "Note: (unclosed\n)"}) {
    EXPECT_EQ(parse_message(std::string("fix: a\n\n") + body).kind, MessageKind::conventional) << body;
  }
}

TEST(ConventionalCommit, WhatIsNotConventionalSaysWhereAndHowToWriteIt) {
  const auto check = [](std::string_view header, HeaderProblem problem, std::size_t column,
                        std::string_view proposal) {
    const Message message = parse_message(header);
    EXPECT_EQ(message.problem, problem) << header;
    EXPECT_EQ(message.problem_column, column) << header;
    EXPECT_EQ(propose_header(message), proposal) << header;
  };
  check("feat(a(b)): c", HeaderProblem::nested_parentheses, 7, "feat(a-b): c");
  check("feat:c", HeaderProblem::no_space_after_colon, 6, "feat: c");
  check("feat(): c", HeaderProblem::empty_scope, 5, "feat: c");
  check("Add a thing", HeaderProblem::no_colon, 4, "feat: Add a thing");
  check("\xf0\x9f\x9a\x82: c", HeaderProblem::type_is_no_word, 1, "chore: \xf0\x9f\x9a\x82: c");
  check("feat: ", HeaderProblem::no_description, 5, "");
  check("", HeaderProblem::empty, 1, "");
}

TEST(ConventionalCommit, MergesFixupsAndRevertsAreKnownByTheirHeader) {
  EXPECT_EQ(parse_message("Merge branch 'a' into b").kind, MessageKind::merge);
  EXPECT_EQ(parse_message("Merge the two tables").kind, MessageKind::other);
  EXPECT_EQ(parse_message("fixup! feat: a").kind, MessageKind::fixup);
  const Message revert =
      parse_message("Revert \"feat: a\"\n\nThis reverts commit 0123456789012345678901234567890123456789.\n");
  EXPECT_EQ(revert.kind, MessageKind::revert);
  ASSERT_EQ(revert.reverts.size(), 1u);
  EXPECT_EQ(revert.reverts[0], "0123456789012345678901234567890123456789");
}

}  // namespace
}  // namespace signalbox::train
