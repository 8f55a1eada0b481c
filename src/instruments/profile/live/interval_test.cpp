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

TEST(Intervals, OfWaitsSayHowLongWasWaited) {
  Interval interval;
  interval.mode = Mode::off_cpu;
  interval.duration_ns = 1'000'000'000;
  interval.samples = 120;
  interval.off_ns = 3'980'000'000;
  interval.cpu_ns = 20'000'000;
  interval.stolen = 0.001;
  interval.beside = 0.008;
  EXPECT_EQ(state_line(interval),
            "waited 3.98 s, 120 waits, 0 lost, 0.10 % taken from the target, 0.80 % used beside it");
  interval.samples = 0;
  interval.top.value_types = {{"samples", "count"}, {"offcpu", "nanoseconds"}};
  interval.top.value = 1;
  interval.top.totals = {0, 0};
  EXPECT_EQ(interval_report(interval, "app", 10).summary, "not one wait");
}

}  // namespace
}  // namespace signalbox::profile
