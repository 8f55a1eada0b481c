#include "instruments/profile/formats/folded.hpp"

#include <gtest/gtest.h>

#include "core/base/process.hpp"
#include "instruments/profile/model/builder.hpp"

namespace signalbox::profile {
namespace {

FoldedOptions whole() {
  FoldedOptions options;
  options.names = FoldedNames::whole;
  return options;
}

TEST(Folded, WhatIsReadIsWrittenTheSame) {
  const std::string text = "a;b;c 3\na;b;d(int, std::string) 4\nmain;run_[k] 1\n";
  SkippedLines skipped;
  const Profile profile = read_folded(text, skipped).value();
  FoldedOptions options = whole();
  options.mark_kernel = true;
  EXPECT_EQ(write_folded(profile, options), text);
  EXPECT_EQ(write_folded(profile), "a;b;c 3\na;b;d 4\nmain;run 1\n");
  EXPECT_EQ(skipped.count, 0U);
}

TEST(Folded, EqualStacksAreAddedUp) {
  SkippedLines skipped;
  const Profile profile = read_folded("a;b 1\na 5\na;b 2\n", skipped).value();
  EXPECT_EQ(write_folded(profile), "a 5\na;b 3\n");
  EXPECT_EQ(profile.total(0), 8);
}

TEST(Folded, WhatCannotBeUsedIsSkippedAndCounted) {
  SkippedLines skipped;
  const auto profile = read_folded(
      "a;b 1\nno count\na;b -1\n\xff\xfe;b 2\n 12\n\r\na;c 99999999999999999999\na;c 1.5\na;d 2\r\n",
      skipped);
  ASSERT_TRUE(profile);
  EXPECT_EQ(profile->total(0), 3);
  EXPECT_EQ(words_of(skipped, "no count"), "6 lines skipped (no count): 2, 3, 4, 5, 7, 8");
}

TEST(Folded, NothingUsableIsBadInput) {
  SkippedLines skipped;
  for (const char* text : {"", "\n\n", "hello\nworld\n", "a;b -3\n"}) {
    const auto profile = read_folded(text, skipped);
    ASSERT_FALSE(profile) << text;
    EXPECT_EQ(profile.error().kind, ErrorKind::bad_input);
  }
}

TEST(Folded, Utf16IsDecoded) {
  SkippedLines skipped;
  // "ä;😀 7" in both byte orders.
  const std::string little("\xff\xfe\xe4\0;\0\x3d\xd8\0\xde \0007\0", 14);
  const std::string big("\xfe\xff\0\xe4\0;\xd8\x3d\xde\0\0 \0007", 14);
  EXPECT_EQ(write_folded(read_folded(little, skipped).value()), "\xc3\xa4;\xf0\x9f\x98\x80 7\n");
  EXPECT_EQ(write_folded(read_folded(big, skipped).value()), "\xc3\xa4;\xf0\x9f\x98\x80 7\n");
  EXPECT_EQ(write_folded(read_folded("\xef\xbb\xbf"
                                     "a 1\n",
                                     skipped)
                             .value()),
            "a 1\n");
}

// Found by fuzzing: the space before a mark that is not written again ended the line.
TEST(Folded, SpacesBeforeAMarkAreNoPartOfTheName) {
  SkippedLines skipped;
  const auto profile = read_folded("a;hot_[i] f[k] _[i] 19\nb _[w] 2\nc _[i];d 1\n", skipped);
  ASSERT_TRUE(profile);
  const std::string text = write_folded(*profile, whole());
  EXPECT_EQ(text, "a;hot_[i] f[k] 19\nb 2\nc_[i];d 1\n");
  EXPECT_EQ(write_folded(read_folded(text, skipped).value(), whole()), text);
}

TEST(Folded, MarksOfByteOrderStandBeforeNoName) {
  SkippedLines skipped;
  const std::string twice(
      "\xff\xfe\xff\xfe"
      "a\0 \0007\0",
      10);
  EXPECT_EQ(write_folded(read_folded(twice, skipped).value()), "a 7\n");
  constexpr const char* kJoined =
      "\xef\xbb\xbf"
      "a 1\n"
      "\xef\xbb\xbf"
      "a 2\n";
  EXPECT_EQ(write_folded(read_folded(kJoined, skipped).value()), "a 3\n");
  EXPECT_EQ(skipped.count, 0U);
}

TEST(Folded, NamesAreMadeSafeForALine) {
  ProfileBuilder builder({ValueType{"samples", "count"}});
  const ThreadId thread = builder.thread({7, 9, builder.string("w"), builder.string("my app;x")});
  const StackId outer = builder.stack(0, builder.frame({builder.function("a;b\nc")}));
  Frame inlined{builder.function("in")};
  inlined.kind = FrameKind::inlined;
  const std::int64_t one = 1;
  builder.add({builder.stack(outer, builder.frame(inlined)), thread}, std::span(&one, 1));
  const Profile profile = std::move(builder).finish();
  FoldedOptions options;
  EXPECT_EQ(write_folded(profile, options), "my_app:x;a:b c;in_[i] 1\n");
  options.process = FoldedProcess::tid;
  EXPECT_EQ(write_folded(profile, options), "my_app:x-7/9;a:b c;in_[i] 1\n");
}

}  // namespace
}  // namespace signalbox::profile
