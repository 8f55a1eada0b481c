#include "core/base/clock.hpp"

#include <gtest/gtest.h>

using namespace signalbox;
using namespace std::chrono;

// RFC 3339 section 5.8, with the seconds since 1970 that `date -d … +%s` gives for them.
TEST(Rfc3339, ExamplesOfTheRfcAreTheInstantsThatDateSays) {
  EXPECT_EQ(parse_rfc3339("1985-04-12T23:20:50.52Z").value().time_since_epoch(), 482196050'520ms);
  EXPECT_EQ(parse_rfc3339("1996-12-19T16:39:57-08:00").value().time_since_epoch(), 851042397s);
  EXPECT_EQ(parse_rfc3339("1990-12-31T23:59:60Z").value().time_since_epoch(), 662688000s);
  EXPECT_EQ(parse_rfc3339("2000-02-29t00:00:00+00:00").value().time_since_epoch(), 951782400s);
}

TEST(Rfc3339, WhatIsWrittenIsReadBack) {
  for (const char* text : {"1970-01-01T00:00:00Z", "2026-03-03T09:00:00.007Z", "9999-12-31T23:59:59.999Z"}) {
    EXPECT_EQ(to_rfc3339(parse_rfc3339(text).value()), text);
  }
}

TEST(Rfc3339, WhatIsNoInstantIsRefused) {
  for (const char* wrong :
       {"", "2026", "2026-03-03", "2026-03-03T09:00Z", "2026-03-03T09:00:00", "2026-13-01T00:00:00Z",
        "2026-02-29T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00,5Z", "2026-01-01T00:00:00+24:00",
        "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00Zx", "1969-12-31T23:59:59Z",
        "1970-01-01T00:30:00+01:00", "9999-12-31T23:59:59-00:01", "+026-01-01T00:00:00Z"}) {
    EXPECT_FALSE(parse_rfc3339(wrong)) << wrong;
  }
}

TEST(DurationText, UnitsAddUp) {
  EXPECT_EQ(parse_duration("90s").value(), 90s);
  EXPECT_EQ(parse_duration("1h30m").value(), 90min);
  EXPECT_EQ(parse_duration("2w").value(), 14 * 24h);
  EXPECT_EQ(parse_duration("250ms").value(), 250ms);
  for (const char* wrong : {"", "5", "m", "-5m", "1y", "0s", "1h 30m", "1.5h", "9999999999s", "999999999w",
                            "99999w99999w", "5 m"}) {
    EXPECT_FALSE(parse_duration(wrong)) << wrong;
  }
}

TEST(DurationText, TheTwoLargestUnitsAreShown) {
  EXPECT_EQ(to_text(51h), "2d 3h");
  EXPECT_EQ(to_text(15min), "15m");
  EXPECT_EQ(to_text(0ms), "0s");
  EXPECT_EQ(to_text(24h + 5s), "1d");
  EXPECT_EQ(to_text(-90s), "-1m 30s");
}

TEST(Clock, AFixedClockStandsUntilItIsMoved) {
  FixedClock clock(Time{5s});
  clock.advance(10s);
  EXPECT_EQ(clock.now(), Time{15s});
  EXPECT_GT(SystemClock{}.now(), parse_rfc3339("2024-01-01T00:00:00Z").value());
}
