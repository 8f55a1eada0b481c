#include "instruments/profile/analysis/filter.hpp"

#include <gtest/gtest.h>

#include "instruments/profile/analysis/fixture.hpp"

namespace signalbox::profile {
namespace {

using Stacks = std::vector<std::pair<std::string, std::int64_t>>;

NamePattern pattern(std::string_view text) {
  return NamePattern::compile(text).value();
}

Profile shop() {
  return fixture::StackWriter()
      .add("main@/bin/app;serve@/bin/app;parse@/bin/app;memcpy@/lib/libc.so.6", 4)
      .add("main@/bin/app;serve@/bin/app;read@/lib/libc.so.6;sys_read%", 3)
      .add("main@/bin/app;serve@/bin/app", 2)
      .add("idle@/bin/app", 1)
      .finish();
}

TEST(Filter, FocusKeepsStacksThatHaveIt) {
  EXPECT_EQ(fixture::stacks_of(filtered(shop(), {.focus = pattern("parse|sys_")})),
            (Stacks{{"main;serve;parse;memcpy", 4}, {"main;serve;read;sys_read", 3}}));
}

TEST(Filter, IgnoreLeavesThemOut) {
  EXPECT_EQ(fixture::stacks_of(filtered(shop(), {.ignore = pattern("^serve$")})), (Stacks{{"idle", 1}}));
}

TEST(Filter, HideGivesTheCostToTheCaller) {
  EXPECT_EQ(fixture::stacks_of(filtered(shop(), {.hide = pattern("^(memcpy|parse|idle)$")})),
            (Stacks{{"main;serve", 6}, {"main;serve;read;sys_read", 3}}));
}

TEST(Filter, AModuleIsMatchedByItsPath) {
  EXPECT_EQ(fixture::stacks_of(filtered(shop(), {.hide = pattern("/lib/")})),
            (Stacks{{"main;serve;parse", 4}, {"main;serve;sys_read", 3}, {"main;serve", 2}, {"idle", 1}}));
}

TEST(Filter, ShowFromBeginsAtTheOutermostMatch) {
  const Profile profile = fixture::StackWriter().add("a;b;c;b;d", 2).add("a;d", 1).finish();
  EXPECT_EQ(fixture::stacks_of(filtered(profile, {.show_from = pattern("b")})), (Stacks{{"b;c;b;d", 2}}));
}

TEST(Filter, KernelFramesAreHiddenAndTheirCostIsTheirCallers) {
  EXPECT_EQ(fixture::stacks_of(filtered(shop(), {.kernel = KernelFrames::hidden}))[1],
            (Stacks::value_type{"main;serve;read", 3}));
}

// The readers' promise: the frames below an inlined one, down to the first that is not, have its address.
TEST(Filter, AnInlinedFrameStandsForItsHiddenPhysicalOne) {
  const Profile profile = fixture::StackWriter().add("main;outer;middle+;inner+", 1).finish();
  const Profile hidden = filtered(profile, {.hide = pattern("outer")});
  ASSERT_EQ(fixture::stacks_of(hidden), (Stacks{{"main;middle;inner", 1}}));
  const StackId inner = hidden.samples[0].stack;
  const StackId middle = hidden.stacks[inner].parent;
  EXPECT_EQ(hidden.frames[hidden.stacks[inner].frame].kind, FrameKind::inlined);
  EXPECT_EQ(hidden.frames[hidden.stacks[middle].frame].kind, FrameKind::user);
  const Profile from = filtered(profile, {.show_from = pattern("inner")});
  EXPECT_EQ(from.frames[from.stacks[from.samples[0].stack].frame].kind, FrameKind::user);
}

TEST(Filter, ThreadsAndTimeChooseSamples) {
  const Profile profile =
      fixture::StackWriter().add("a", 1, 100, 7).add("a", 1, 200, 8).add("b", 1, 300, 7).add("c", 1).finish();
  EXPECT_EQ(fixture::stacks_of(filtered(profile, {.tids = {7}})), (Stacks{{"a", 1}, {"b", 1}}));
  EXPECT_TRUE(filtered(profile, {.pids = {2}}).samples.empty());
  EXPECT_EQ(fixture::stacks_of(filtered(profile, {.slice = TimeSlice{200, 300}})), (Stacks{{"a", 1}}));
  EXPECT_TRUE(has_times(profile));
  EXPECT_FALSE(has_times(shop()));
}

TEST(Filter, KeepsWhatTheProfileSaysOfItself) {
  Profile profile = shop();
  profile.annotations = {{"host", "box"}};
  profile.duration_ns = 5;
  const Profile same = filtered(profile, {});
  EXPECT_EQ(same.annotations, profile.annotations);
  EXPECT_EQ(same.duration_ns, 5);
  EXPECT_EQ(same.period, fixture::kPeriod_ns);
  EXPECT_EQ(same.default_value, 1U);
  EXPECT_EQ(fixture::stacks_of(same), fixture::stacks_of(profile));
  EXPECT_EQ(same.total(1), profile.total(1));
}

TEST(NamePattern, ThatIsNoneIsRefused) {
  const auto broken = NamePattern::compile("operator()(");
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(broken.error().message, "`operator()(` is no regular expression: missing ): operator()(");
  EXPECT_FALSE(NamePattern::compile(std::string(kMaxPatternBytes + 1, 'a')));
  EXPECT_FALSE(NamePattern::compile("(?=look)"));
}

// A backtracking matcher would not come back from this.
TEST(NamePattern, IsLinearInANameOfAMegabyte) {
  const NamePattern hostile = pattern("(a*)*b$");
  EXPECT_FALSE(hostile.matches(std::string(1 << 20, 'a')));
  EXPECT_TRUE(pattern("^\\[lost").matches("[lost]"));
  EXPECT_FALSE(pattern("x").matches("\xff\xfe"));
}

TEST(TimeSlice, IsReadWithItsUnits) {
  EXPECT_EQ(parse_time_slice("3.2s-4s").value().begin_ns, 3'200'000'000);
  EXPECT_EQ(parse_time_slice("3.2s-4s").value().end_ns, 4'000'000'000);
  EXPECT_EQ(parse_time_slice("500ms-").value().begin_ns, 500'000'000);
  EXPECT_EQ(parse_time_slice("500ms-").value().end_ns, INT64_MAX);
  EXPECT_EQ(parse_time_slice("-2m").value().end_ns, 120'000'000'000);
  EXPECT_EQ(parse_time_slice("1-2").value().end_ns, 2'000'000'000);
  for (const char* wrong : {"", "-", "3s", "4s-3s", "3x-4x", "a-b", "1e99s-", "nan-", "3s-3s"})
    EXPECT_FALSE(parse_time_slice(wrong)) << wrong;
}

}  // namespace
}  // namespace signalbox::profile
