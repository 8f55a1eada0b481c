#include "instruments/profile/model/builder.hpp"

#include <array>

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

constexpr std::array<std::int64_t, 2> kOne{1, 10};

TEST(ProfileBuilder, EqualSamplesAreOneAndTheirValuesAreAdded) {
  ProfileBuilder builder({{"samples", "count"}, {"cpu", "nanoseconds"}});
  const StackId main = builder.stack(0, builder.frame({builder.function("main")}));
  const StackId work = builder.stack(main, builder.frame({builder.function("work")}));
  for (int i = 0; i < 3; ++i) builder.add({work}, kOne);
  builder.add({main}, kOne);
  const Profile profile = std::move(builder).finish();
  ASSERT_EQ(profile.samples.size(), 2U);
  EXPECT_EQ(profile.values_of(0)[0], 3);
  EXPECT_EQ(profile.values_of(0)[1], 30);
  EXPECT_EQ(profile.total(1), 40);
  EXPECT_EQ(find_value(profile, "cpu"), 1U);
  EXPECT_EQ(find_value(profile, "wall"), 2U);
}

TEST(ProfileBuilder, AStackIsOneNodeHoweverOftenItIsAskedFor) {
  ProfileBuilder builder({ValueType{"samples", "count"}});
  const FrameId frame = builder.frame({builder.function("f")});
  EXPECT_EQ(builder.stack(0, frame), builder.stack(0, frame));
  const StackId recursive = builder.stack(builder.stack(0, frame), frame);
  EXPECT_NE(recursive, builder.stack(0, frame));
  EXPECT_EQ(builder.profile().stacks[recursive].parent, builder.stack(0, frame));
}

TEST(ProfileBuilder, TimesAndThreadsKeepSamplesApart) {
  ProfileBuilder builder({{"samples", "count"}, {"cpu", "nanoseconds"}});
  const ThreadId one = builder.thread({1, 1, builder.string("a"), {}});
  const ThreadId two = builder.thread({1, 2, builder.string("a"), {}});
  EXPECT_NE(one, two);
  builder.add({0, one}, kOne);
  builder.add({0, two}, kOne);
  builder.add({0, two, 0, 5}, kOne);
  EXPECT_EQ(builder.profile().samples.size(), 3U);
}

TEST(Profile, AFrameIsNamedByItsFunctionElseByItsPlace) {
  ProfileBuilder builder({ValueType{"samples", "count"}});
  const MappingId libc =
      builder.mapping({0x7f0000001000, 0x7f0000002000, 0x26000, builder.string("/usr/lib/libc.so.6"), {}});
  const FrameId named = builder.frame({builder.function("read"), libc, 0x7f0000001010});
  const FrameId placed = builder.frame({0, libc, 0x7f0000001010});
  const FrameId lost = builder.frame({0, 0, 0xdead});
  EXPECT_EQ(builder.profile().name_of_frame(named), "read");
  EXPECT_EQ(builder.profile().name_of_frame(placed), "libc.so.6+0x26010");
  EXPECT_EQ(builder.profile().name_of_frame(lost), "0xdead");
}

TEST(StringTable, KeepsItsTextsWhenItIsMovedAndCopied) {
  StringTable table;
  const std::string long_text(200'000, 'x');
  const StringId first = table.add("one");
  const StringId second = table.add(long_text);
  EXPECT_EQ(table.add("one"), first);
  StringTable copy = table;
  const StringTable moved = std::move(table);
  EXPECT_EQ(copy[second], long_text);
  EXPECT_EQ(moved[first], "one");
  EXPECT_EQ(copy.add("two"), StringId{3});
}

}  // namespace
}  // namespace signalbox::profile
