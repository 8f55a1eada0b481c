#include "instruments/profile/live/interval.hpp"

#include <gtest/gtest.h>

namespace signalbox::profile {
namespace {

using std::chrono::milliseconds;

TEST(Intervals, EndInStep) {
  EXPECT_EQ(next_end(milliseconds(500), milliseconds(500), milliseconds(500)), milliseconds(1'000));
  EXPECT_EQ(next_end(milliseconds(500), milliseconds(500), milliseconds(620)), milliseconds(1'000));
}

TEST(Intervals, ThatWereMissedAreNotMadeUpForByEmptyOnes) {
  EXPECT_EQ(next_end(milliseconds(500), milliseconds(500), milliseconds(1'000)), milliseconds(1'500));
  EXPECT_EQ(next_end(milliseconds(500), milliseconds(500), milliseconds(9'100)), milliseconds(9'600));
}

}  // namespace
}  // namespace signalbox::profile
