#include "instruments/profile/untold_time.hpp"

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

Recording recording_of(std::int64_t sampled_ms, std::int64_t lost_ms, std::int64_t used_ms) {
  Recording out;
  out.quality.samples = sampled_ms > 0 ? 1 : 0;
  out.quality.cpu_ns = sampled_ms * 1'000'000;
  out.lost_ns = lost_ms * 1'000'000;
  out.overhead.target_ns = used_ms * 1'000'000;
  out.pid = 4711;
  return out;
}

TEST(UntoldTime, IsSaidWhereSamplesTellOfMuchLessThanTheKernel) {
  const auto finding = untold_time(recording_of(3'000, 0, 4'400));
  ASSERT_TRUE(finding);
  EXPECT_NE(finding->message.find("3.00 s of 4.40 s"), std::string::npos) << finding->message;
  EXPECT_NE(finding->remedy.find("--system"), std::string::npos);
}

TEST(UntoldTime, IsNotSaidWhereTheyAgreeOrSamplesWereLostOrLittleWasUsed) {
  EXPECT_FALSE(untold_time(recording_of(4'000, 0, 4'400)));
  EXPECT_FALSE(untold_time(recording_of(3'000, 1'000, 4'400)));
  EXPECT_FALSE(untold_time(recording_of(100, 0, 400)));
  EXPECT_FALSE(untold_time(recording_of(0, 0, 4'400)));  // nothing was captured: that is said otherwise
  EXPECT_FALSE(untold_time(recording_of(6'000, 0, 4'400)));
}

TEST(UntoldTime, IsNotSaidWhereSamplesLeaveTheKernelOut) {
  Recording recording = recording_of(3'000, 0, 4'400);
  recording.kernel = false;
  EXPECT_FALSE(untold_time(recording));
}

TEST(UntoldTime, IsNotSaidWhereSamplesLeaveChildrenOut) {
  Recording recording = recording_of(3'000, 0, 4'400);
  recording.children = false;
  EXPECT_FALSE(untold_time(recording));
}

TEST(UntoldTime, IsNotSaidOfTheWholeMachine) {
  Recording recording = recording_of(3'000, 0, 4'400);
  recording.pid = 0;
  EXPECT_FALSE(untold_time(recording));
}

}  // namespace
}  // namespace signalbox::profile
