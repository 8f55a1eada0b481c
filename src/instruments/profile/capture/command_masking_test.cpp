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

TEST(Masked, HeadersAndUsersOfClientsAreNotShown) {
  EXPECT_EQ(masked({"curl", "-H", "Authorization: Bearer abc", "-HCookie: a=b", "-H", "Accept: text/html"}),
            (Words{"curl", "-H", "Authorization: ***", "-HCookie: ***", "-H", "Accept: text/html"}));
  EXPECT_EQ(masked({"curl", "-H", "Authorization:Bearer abc", "--header=Cookie: a=b"}),
            (Words{"curl", "-H", "Authorization:***", "--header=Cookie: ***"}));
  EXPECT_EQ(masked({"curl", "-H", "X-Api-Key: abc", "-u", "bob:hunter2", "--proxy-user=eve:pw"}),
            (Words{"curl", "-H", "X-Api-Key: ***", "-u", "bob:***", "--proxy-user=eve:***"}));
  EXPECT_EQ(masked({"python3", "-u", "app.py"}), (Words{"python3", "-u", "app.py"}));
  EXPECT_EQ(masked({"wget", "--user", "bob", "--password", "pw"}),
            (Words{"wget", "--user", "bob", "--password", "***"}));
}

// -u is a switch of some programs: what comes behind it is an option of its own.
TEST(Masked, WhatStandsBehindASwitchIsLookedAtAsWell) {
  EXPECT_EQ(masked({"python3", "-u", "--token", "abc", "app.py"}),
            (Words{"python3", "-u", "--token", "***", "app.py"}));
  EXPECT_EQ(masked({"sort", "-u", "--password=abc"}), (Words{"sort", "-u", "--password=***"}));
  EXPECT_EQ(masked({"app", "-u", "https://bob:pw@example.org/"}),
            (Words{"app", "-u", "https://***@example.org/"}));
  EXPECT_EQ(masked({"curl", "-u", "-HX-Api-Key: abc"}), (Words{"curl", "-u", "-HX-Api-Key: ***"}));
}

TEST(Masked, LettersOfProgramsThatTakeAPassword) {
  EXPECT_EQ(masked({"/usr/bin/mysql", "-ubob", "-phunter2", "-P", "3306"}),
            (Words{"/usr/bin/mysql", "-ubob", "-p***", "-P", "3306"}));
  EXPECT_EQ(masked({"mysql", "-p", "shop"}), (Words{"mysql", "-p", "shop"}));  // asks for it
  EXPECT_EQ(masked({"sshpass", "-p", "pw", "ssh", "host"}), (Words{"sshpass", "-p", "***", "ssh", "host"}));
  EXPECT_EQ(masked({"ssh", "-p", "2222", "-p80"}), (Words{"ssh", "-p", "2222", "-p80"}));
}

TEST(Masked, OtherWordsStay) {
  const Words words{"cc1plus",   "-O2", "--keyboard=de", "a@b", "monkey=1", "https://example.org/x@y",
                    "note: none"};
  EXPECT_EQ(masked(words), words);
}

// The shell itself says what the words mean.
TEST(AsShellWords, AreQuotedWhereAShellWouldChangeThem) {
  EXPECT_EQ(as_shell_words({"a", "b c", "it's", "$x", ""}), "a 'b c' 'it'\\''s' '$x' ''");
}

}  // namespace
}  // namespace signalbox::profile
