#include "instruments/train/semver.hpp"

#include <gtest/gtest.h>

namespace signalbox::train {
namespace {

Version version(std::string_view text) {
  return parse_version(text).value();
}

TEST(SemVer, PrecedenceIsThatOfTheSpecificationsOwnExample) {
  const char* ascending[] = {"1.0.0-alpha",
                             "1.0.0-alpha.1",
                             "1.0.0-alpha.beta",
                             "1.0.0-beta",
                             "1.0.0-beta.2",
                             "1.0.0-beta.11",
                             "1.0.0-rc.1",
                             "1.0.0",
                             "2.0.0",
                             "2.1.0",
                             "2.1.1",
                             "99999999999999999999.0.0",
                             "100000000000000000000.0.0"};
  for (std::size_t i = 0; i < std::size(ascending); ++i) {
    for (std::size_t j = 0; j < std::size(ascending); ++j) {
      EXPECT_EQ(compare(version(ascending[i]), version(ascending[j])), i <=> j)
          << ascending[i] << " " << ascending[j];
    }
  }
  EXPECT_EQ(compare(version("1.0.0+a"), version("1.0.0+b")), std::strong_ordering::equal);
}

TEST(SemVer, WhatTheGrammarDoesNotHaveIsRefused) {
  for (const char* text : {"1", "1.2", "v1.2.3", "01.2.3", "1.2.3-01", "1.2.3-", "1.2.3+", "1.2.3-a..b",
                           "1.2.3-\xc3\xa9", "1.2.3 ", "", "-1.0.0", "1.2.3.4"}) {
    EXPECT_FALSE(parse_version(text)) << text;
  }
  EXPECT_EQ(version("1.2.3-0a.-.x+001.b").text(), "1.2.3-0a.-.x+001.b");
}

TEST(SemVer, RaisingCarriesAndFollowsThePolicyBelowOne) {
  EXPECT_EQ(raised(version("1.2.99999999999999999999-rc.1"), Bump::patch, ZeroPolicy::shift).text(),
            "1.2.100000000000000000000");
  EXPECT_EQ(raised(version("1.2.3"), Bump::major, ZeroPolicy::shift).text(), "2.0.0");
  EXPECT_EQ(raised(version("0.2.3"), Bump::major, ZeroPolicy::shift).text(), "0.3.0");
  EXPECT_EQ(raised(version("0.2.3"), Bump::minor, ZeroPolicy::shift).text(), "0.2.4");
  EXPECT_EQ(raised(version("0.2.3"), Bump::major, ZeroPolicy::semver_strict).text(), "1.0.0");
}

}  // namespace
}  // namespace signalbox::train
