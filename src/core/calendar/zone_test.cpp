#include "core/calendar/zone.hpp"

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/calendar/oracle_fixture.hpp"
#include "core/calendar/zone_rule.hpp"

namespace signalbox::calendar {
namespace {

const std::vector<std::string> kZones = {"Europe/Berlin", "America/New_York",  "Australia/Lord_Howe",
                                         "Asia/Kolkata",  "Africa/Casablanca", "America/Nuuk",
                                         "Europe/Dublin", "Pacific/Chatham"};

// Each offset of the years, and when it begins.
std::vector<std::string> offsets_of(const Zone& zone, int first_year, int last_year) {
  Instant at{std::chrono::sys_days(std::chrono::year(first_year) / 1 / 1)};
  const Instant end{std::chrono::sys_days(std::chrono::year(last_year) / 1 / 1)};
  std::vector<std::string> out;
  std::optional<std::chrono::seconds> last;
  while (at < end) {
    const Stretch stretch = zone.at(at);
    if (last != stretch.regime->offset)
      out.push_back(std::to_string(seconds_of(at)) + " " + std::to_string(stretch.regime->offset.count()));
    last = stretch.regime->offset;
    at = stretch.end;
  }
  return out;
}

TEST(Zones, HaveTheOffsetsOfPythonsOverTenYears) {
  for (const std::string& name : kZones) {
    const auto zone = read_zone(name);
    ASSERT_TRUE(zone) << zone.error().message;
    const auto expected = ask_oracle({"zone", name, "2026", "2037"});
    if (!expected) GTEST_SKIP() << "no python3 here";
    EXPECT_EQ(offsets_of(*zone, 2026, 2037), *expected) << name;
  }
}

TEST(Zones, KeepTheirRuleAfterTheLastChangeOfTheirFile) {
  for (const char* name : {"Europe/Berlin", "Australia/Lord_Howe"}) {
    const auto zone = read_zone(name);
    ASSERT_TRUE(zone) << zone.error().message;
    const auto expected = ask_oracle({"zone", name, "2035", "2042"});
    if (!expected) GTEST_SKIP() << "no python3 here";
    EXPECT_EQ(offsets_of(*zone, 2035, 2042), *expected) << name;
  }
}

// Hours around every change of ten years: skipped, shown twice, and neither.
TEST(Zones, ReadWallTimesAsPythonDoes) {
  for (const std::string& name : kZones) {
    const auto zone = read_zone(name);
    ASSERT_TRUE(zone);
    std::vector<Wall> walls;
    std::string input;
    const Instant end{std::chrono::sys_days(std::chrono::year(2036) / 1 / 1)};
    Instant change{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
    for (; change < end; change = zone->at(change).end) {
      for (int quarter = -12; quarter <= 12; ++quarter)
        walls.push_back(zone->to_wall(change) + std::chrono::minutes(15 * quarter));
    }
    for (const Wall wall : walls) input += wall_text(wall) + "\n";
    const auto expected = ask_oracle({"walls", name}, input);
    if (!expected) GTEST_SKIP() << "no python3 here";
    ASSERT_EQ(expected->size(), walls.size());
    for (std::size_t i = 0; i < walls.size(); ++i)
      EXPECT_EQ(std::to_string(seconds_of(zone->to_utc(walls[i]))), (*expected)[i])
          << name << " " << wall_text(walls[i]);
  }
}

// Berlin, 2026: clocks go from 02:00 to 03:00 on March 29, from 03:00 to 02:00 on October 25.
TEST(Zones, MoveASkippedTimeForwardAndTakeTheFirstOfTwo) {
  const auto berlin = read_zone("Europe/Berlin");
  ASSERT_TRUE(berlin);
  EXPECT_EQ(utc_text(berlin->to_utc(wall_at("20260329T013000"))), "20260329T003000Z");
  EXPECT_EQ(utc_text(berlin->to_utc(wall_at("20260329T023000"))), "20260329T013000Z");  // shows 03:30
  EXPECT_EQ(utc_text(berlin->to_utc(wall_at("20260329T030000"))), "20260329T010000Z");
  EXPECT_EQ(utc_text(berlin->to_utc(wall_at("20261025T023000"))), "20261025T003000Z");
  EXPECT_EQ(utc_text(berlin->to_utc(wall_at("20261025T030000"))), "20261025T020000Z");
  // Samoa left December 30, 2011 out.
  const auto apia = read_zone("Pacific/Apia");
  ASSERT_TRUE(apia);
  EXPECT_EQ(utc_text(apia->to_utc(wall_at("20111230T100000"))), "20111230T200000Z");
  EXPECT_EQ(wall_text(apia->to_wall(apia->to_utc(wall_at("20111230T100000")))), "20111231T100000");
}

TEST(Zones, ThatAreUnknownNameTheNearest) {
  const auto typo = read_zone("Europe/Berln");
  ASSERT_FALSE(typo);
  EXPECT_EQ(typo.error().kind, ErrorKind::bad_input);
  EXPECT_EQ(typo.error().hint, "did you mean Europe/Berlin?");
  for (const char* name : {"", "/etc/passwd", "../../../etc/passwd", "Europe", "right/Europe/Berlin",
                           "tzdata.zi", "localtime", "Europe/Berlin ", "W. Europe Standard Time"}) {
    const auto zone = read_zone(name);
    EXPECT_TRUE(!zone && zone.error().kind == ErrorKind::bad_input) << name;
  }
  const auto nowhere = read_zone("Europe/Berlin", "/nowhere");
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().kind, ErrorKind::unavailable);
}

TEST(Zones, OfBrokenFilesAreRefused) {
  const auto octets = read_file(std::filesystem::path(kZoneFolder) / "Europe/Berlin");
  ASSERT_TRUE(octets);
  ASSERT_TRUE(parse_zone_file(*octets, "whole"));
  for (std::size_t size = 0; size < octets->size(); size += 7)
    EXPECT_FALSE(parse_zone_file(octets->substr(0, size), "cut")) << size;
  const auto leap = read_file(std::filesystem::path(kZoneFolder) / "right/Europe/Berlin");
  if (leap) {
    EXPECT_FALSE(parse_zone_file(*leap, "leap"));
  }
}

// The examples of RFC 8536, 3.3.1, and of POSIX.
TEST(ZoneRules, AreRead) {
  const auto nuuk = parse_zone_rule("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1");
  ASSERT_TRUE(nuuk);
  EXPECT_EQ(nuuk->standard.offset, std::chrono::hours(-3));
  EXPECT_EQ(nuuk->to_daylight.time, std::chrono::hours(-2));
  const auto always = parse_zone_rule("XXX3EDT4,0/0,J365/23");
  ASSERT_TRUE(always);
  const auto zone = Zone::of("always", {{std::chrono::hours(-3), false, "XXX"}}, {}, *always);
  ASSERT_TRUE(zone);
  for (int month = 1; month <= 12; ++month) {
    const Instant at{std::chrono::sys_days(std::chrono::year(2030) / month / 1)};
    EXPECT_EQ(zone->at(at).regime->offset, std::chrono::hours(-4)) << month;
  }
  for (const char* text :
       {"", "CE", "CET", "CET-25", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/168", "CET-1CEST,J0,J5", "CET-1 ", "<+01-1",
        "CET-1CEST,M3.5.0,M10.5.0/3x"})
    EXPECT_FALSE(parse_zone_rule(text)) << text;
}

}  // namespace
}  // namespace signalbox::calendar
