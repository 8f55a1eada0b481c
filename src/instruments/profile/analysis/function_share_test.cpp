#include "instruments/profile/analysis/function_share.hpp"

#include <gtest/gtest.h>

#include "instruments/profile/analysis/fixture.hpp"

namespace signalbox::profile {
namespace {

TEST(FunctionShare, IsOfTheFunctionAloneAndWithWhatItCalled) {
  fixture::StackWriter writer;
  writer.add("main;parse", 20).add("main;parse;read", 10).add("main;print", 70);
  const Profile profile = writer.finish();
  const FunctionShare parse = share_of(profile, 1, "parse");
  EXPECT_DOUBLE_EQ(parse.self.share, 0.2);
  EXPECT_DOUBLE_EQ(parse.cumulative.share, 0.3);
  // Wilson (1927) of 30 in 100: worked out by hand.
  EXPECT_NEAR(parse.cumulative.interval.lower, 0.2189, 0.0001);
  EXPECT_NEAR(parse.cumulative.interval.upper, 0.3958, 0.0001);
  EXPECT_DOUBLE_EQ(share_of(profile, 0, "main").cumulative.share, 1);
}

TEST(FunctionShare, OneThatIsNowhereHasNoneAndSaysHowSureThatIs) {
  fixture::StackWriter writer;
  writer.add("main;print", 100);
  const FunctionShare gone = share_of(writer.finish(), 1, "parse");
  EXPECT_DOUBLE_EQ(gone.self.share, 0);
  EXPECT_DOUBLE_EQ(gone.cumulative.share, 0);
  EXPECT_NEAR(gone.cumulative.interval.upper, 0.0370, 0.0001);  // Wilson of 0 in 100
}

TEST(FunctionShare, CountsOneNameInSeveralFilesAndItsClonesAsOne) {
  fixture::StackWriter writer;
  writer.add("main@a;copy@libc.so.6", 10).add("main@a;copy.cold@libm.so.6", 20).add("main@a", 70);
  const Profile profile = writer.finish();
  EXPECT_DOUBLE_EQ(share_of(profile, 1, "copy").self.share, 0.3);
  EXPECT_DOUBLE_EQ(share_of(profile, 1, "copy.part.1").self.share, 0.3);
}

TEST(FunctionShare, OfNothingIsNothing) {
  const FunctionShare share = share_of(fixture::StackWriter().finish(), 1, "main");
  EXPECT_DOUBLE_EQ(share.self.share, 0);
  EXPECT_DOUBLE_EQ(share.self.interval.lower, 0);
  EXPECT_DOUBLE_EQ(share.self.interval.upper, 1);
}

}  // namespace
}  // namespace signalbox::profile
