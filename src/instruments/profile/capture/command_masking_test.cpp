#include "instruments/profile/capture/command_masking.hpp"

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

using Words = std::vector<std::string>;

TEST(Masked, WhatOpensDoorsIsNotShown) {
  EXPECT_EQ(masked({"psql", "--password=hunter2", "-d", "db"}),
            (Words{"psql", "--password=***", "-d", "db"}));
  EXPECT_EQ(masked({"app", "--auth-token", "abc", "run"}), (Words{"app", "--auth-token", "***", "run"}));
  EXPECT_EQ(masked({"env", "AWS_SECRET_ACCESS_KEY=abc", "app"}),
            (Words{"env", "AWS_SECRET_ACCESS_KEY=***", "app"}));
  EXPECT_EQ(masked({"git", "clone", "https://bob:pw@example.org/a.git"}),
            (Words{"git", "clone", "https://***@example.org/a.git"}));
  EXPECT_EQ(masked({"app", "--db=postgresql://u:p@h/db?x=a@b"}),
            (Words{"app", "--db=postgresql://***@h/db?x=a@b"}));
}

TEST(Masked, OtherWordsStay) {
  const Words words{"cc1plus", "-O2", "--keyboard=de", "a@b", "monkey=1", "https://example.org/x@y"};
  EXPECT_EQ(masked(words), words);
}

// The shell itself says what the words mean.
TEST(AsShellWords, AreQuotedWhereAShellWouldChangeThem) {
  EXPECT_EQ(as_shell_words({"a", "b c", "it's", "$x", ""}), "a 'b c' 'it'\\''s' '$x' ''");
}

}  // namespace
}  // namespace signalbox::profile
