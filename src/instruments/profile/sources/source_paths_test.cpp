#include "instruments/profile/sources/source_paths.hpp"

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

using Paths = std::vector<std::string>;

TEST(SourcePaths, BelowTheRootComesFirst) {
  EXPECT_EQ(source_paths("/home/ada/shop/src/a.c", "/home/ada/shop").front(), "src/a.c");
  EXPECT_EQ(source_paths("/home/ada/shop/a.c", "/home/ada/shop").front(), "a.c");
  EXPECT_EQ(source_paths("/home/ada/shop/build/../src/a.c", "/home/ada/shop/").front(), "src/a.c");
  // A folder that only begins alike is another.
  EXPECT_EQ(source_paths("/home/ada/shopping/src/a.c", "/home/ada/shop").front(),
            "home/ada/shopping/src/a.c");
}

TEST(SourcePaths, OfWhatWasBuiltElsewhereAreItsEnds) {
  EXPECT_EQ(source_paths("/builds/ci/src/a.c", "/home/ada/shop"),
            (Paths{"builds/ci/src/a.c", "ci/src/a.c", "src/a.c"}));
  EXPECT_EQ(source_paths("./src//a.c", "/home/ada/shop"), (Paths{"src/a.c"}));
  EXPECT_EQ(source_paths("a.c", "/home/ada/shop"), (Paths{"a.c"}));
  EXPECT_EQ(source_paths("/a.c", "/home/ada/shop"), Paths());
}

TEST(SourcePaths, NeverLeadAboveTheRootNorIntoGit) {
  EXPECT_EQ(source_paths("../../src/a.c", "/home/ada/shop"), (Paths{"src/a.c"}));
  for (const char* name : {"/home/ada/shop/../../../etc/passwd", "../../../../etc/passwd",
                           "src/../../etc/passwd", "/etc/./passwd", "a/b/../../../../c/d"}) {
    for (const std::string& path : source_paths(name, "/home/ada/shop")) {
      EXPECT_NE(path.front(), '/') << name;
      EXPECT_EQ(("/" + path + "/").find("/../"), std::string::npos) << name;
    }
  }
  EXPECT_EQ(source_paths(".git/config", "/home/ada/shop"), Paths());
  EXPECT_EQ(source_paths("/home/ada/shop/sub/.git/config", "/home/ada/shop"), Paths());
}

TEST(SourcePaths, OfNoNameAreNone) {
  EXPECT_EQ(source_paths("", "/r"), Paths());
  EXPECT_EQ(source_paths("/", "/r"), Paths());
  EXPECT_EQ(source_paths("..", "/r"), Paths());
  EXPECT_EQ(source_paths(std::string_view("src/a.c\0.txt", 12), "/r"), Paths());
  EXPECT_EQ(source_paths("src/a\n.c", "/r"), Paths());
  EXPECT_EQ(source_paths("s/" + std::string(kSourcePathMax, 'a'), "/r"), Paths());
}

TEST(SourcePaths, OfAPathWithoutEndAreFew) {
  std::string deep;
  while (deep.size() + 2 < kSourcePathMax) deep += "/a";
  EXPECT_LE(source_paths(deep, "/r").size(), 64U);
}

}  // namespace
}  // namespace signalbox::profile
