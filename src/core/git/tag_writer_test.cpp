// Tags in real repositories, read back by git itself.
#include "core/git/tag_writer.hpp"

#include <gtest/gtest.h>

#include "core/git/scratch_repository.hpp"

namespace signalbox::git {
namespace {

const Time kNow{std::chrono::seconds(1'750'000'000)};

class Tagging : public ::testing::Test {
 protected:
  static History history() {
    History out;
    const int first = out.commit("feat: begin");
    out.commit("fix: mend", {first});
    return out;
  }
  ScratchRepository scratch_{history()};
  Repository repository_ = scratch_.open();
};

TEST_F(Tagging, MakesAnAnnotatedTagThatGitDescribes) {
  EXPECT_EQ(make_tag(repository_, "v1.3.0", scratch_.id(2), "v1.3.0\n\nTrain 2026-12", kNow).value(),
            TagMade::made);
  EXPECT_EQ(scratch_.git({"cat-file", "-t", "v1.3.0"}), "tag");
  EXPECT_EQ(scratch_.git({"describe", "main"}), "v1.3.0");
  EXPECT_EQ(
      scratch_.git({"for-each-ref", "--format=%(taggerdate:unix) %(contents:subject)", "refs/tags/v1.3.0"}),
      "1750000000 v1.3.0");
  EXPECT_EQ(scratch_.git({"fsck", "--strict"}), "");
  EXPECT_EQ(tagged_commit(repository_, "v1.3.0").value(), scratch_.id(2));
}

TEST_F(Tagging, ATagIsNeverMoved) {
  ASSERT_TRUE(make_tag(repository_, "v1.3.0", scratch_.id(1), "m", kNow));
  const std::string object = scratch_.git({"rev-parse", "v1.3.0"});
  EXPECT_EQ(make_tag(repository_, "v1.3.0", scratch_.id(1), "another message", kNow).value(),
            TagMade::was_there);
  const auto moved = make_tag(repository_, "v1.3.0", scratch_.id(2), "m", kNow);
  ASSERT_FALSE(moved);
  EXPECT_EQ(moved.error().kind, ErrorKind::conflict);
  EXPECT_EQ(scratch_.git({"rev-parse", "v1.3.0"}), object);
}

TEST_F(Tagging, WhatGitTakesNotIsRefused) {
  for (const char* name : {"a..b", "-f", "a b", "", "x.lock", "a~1"}) {
    const auto made = make_tag(repository_, name, scratch_.id(2), "m", kNow);
    ASSERT_FALSE(made) << name;
    EXPECT_EQ(made.error().kind, ErrorKind::bad_input) << name;
  }
  EXPECT_EQ(scratch_.git({"tag"}), "");
  EXPECT_EQ(tagged_commit(repository_, "absent").value(), "");
}

}  // namespace
}  // namespace signalbox::git
