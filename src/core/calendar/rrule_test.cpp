#include "core/calendar/rrule.hpp"

#include <gtest/gtest.h>

#include "core/calendar/oracle_fixture.hpp"

namespace signalbox::calendar {
namespace {

const Wall kEnd = wall_at("20340101");

std::string walls_of(std::string_view rule, std::string_view start, std::size_t most,
                     const Zone& zone = Zone::utc(), Wall until = kEnd) {
  const auto parsed = parse_rrule(rule);
  if (!parsed) return parsed.error().message;
  const auto walls = expand(*parsed, wall_at(start), zone, until);
  if (!walls) return walls.error().message;
  std::string out;
  for (std::size_t i = 0; i < walls->size() && i < most; ++i)
    out += (i > 0 ? " " : "") + wall_text((*walls)[i]);
  return out;
}

std::vector<std::int64_t> instants_of(std::string_view rule, std::string_view start, const char* zone_name,
                                      std::string_view until) {
  const Zone zone = read_zone(zone_name).value();
  const auto walls = expand(parse_rrule(rule).value(), wall_at(start), zone, wall_at(until));
  std::vector<std::int64_t> out;
  for (const Wall wall : walls.value()) out.push_back(seconds_of(zone.to_utc(wall)));
  return out;
}

// The first Tuesday of each month, 10:00 in Berlin: 09:00 UTC in March, 08:00 in summer, 09:00 in November.
TEST(Recurrence, KeepsTheTimeOnTheWallAcrossDaylightSaving) {
  const auto instants = instants_of("FREQ=MONTHLY;BYDAY=1TU", "20260303T100000", "Europe/Berlin", "20261201");
  ASSERT_EQ(instants.size(), 9U);
  EXPECT_EQ(instants[0], 1772528400);
  EXPECT_EQ(instants[1], 1775548800);
  EXPECT_EQ(instants[8], 1793696400);
}

struct Example {
  const char* rule;
  const char* start;
  const char* walls;
};

// The examples of RFC 5545, 3.8.5.3, in New York, with the dates that it prints.
TEST(Recurrence, IsThatOfTheRfcsExamples) {
  constexpr Example kExamples[] = {
      {"FREQ=DAILY;COUNT=3", "19970902T090000", "19970902T090000 19970903T090000 19970904T090000"},
      {"FREQ=WEEKLY;INTERVAL=2;WKST=SU", "19970902T090000",
       "19970902T090000 19970916T090000 19970930T090000"},
      {"FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", "19970902T090000",
       "19970902T090000 19970904T090000 19970916T090000 19970918T090000"},
      {"FREQ=MONTHLY;COUNT=10;BYDAY=1FR", "19970905T090000",
       "19970905T090000 19971003T090000 19971107T090000"},
      {"FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", "19970907T090000",
       "19970907T090000 19970928T090000 19971102T090000 19971130T090000"},
      {"FREQ=MONTHLY;BYMONTHDAY=-3", "19970928T090000", "19970928T090000 19971029T090000 19971128T090000"},
      {"FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", "19970101T090000",
       "19970101T090000 19970410T090000 19970719T090000 20000101T090000 20000409T090000"},
      {"FREQ=YEARLY;BYDAY=20MO", "19970519T090000", "19970519T090000 19980518T090000 19990517T090000"},
      {"FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", "19970512T090000",
       "19970512T090000 19980511T090000 19990517T090000"},
      {"FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "19970902T090000",
       "19980213T090000 19980313T090000 19981113T090000 19990813T090000 20001013T090000"},
      {"FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", "19961105T090000",
       "19961105T090000 20001107T090000 20041102T090000"},
      {"FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", "19970904T090000",
       "19970904T090000 19971007T090000 19971106T090000"},
      {"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", "19970929T090000",
       "19970929T090000 19971030T090000 19971127T090000 19971230T090000"},
      {"FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z", "19970902T090000",
       "19970902T090000 19970902T120000"},  // 17:00 UTC is 13:00 in New York
      {"FREQ=MINUTELY;INTERVAL=90;COUNT=4", "19970902T090000",
       "19970902T090000 19970902T103000 19970902T120000 19970902T133000"},
      {"FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,20,40;COUNT=5", "19970902T090000",
       "19970902T090000 19970902T092000 19970902T094000 19970902T100000 19970902T102000"},
      {"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "19970805T090000",
       "19970805T090000 19970810T090000 19970819T090000 19970824T090000"},
      {"FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "19970805T090000",
       "19970805T090000 19970817T090000 19970819T090000 19970831T090000"},
      {"FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", "20070115T090000",
       "20070115T090000 20070130T090000 20070215T090000 20070315T090000 20070330T090000"},
      {"FREQ=YEARLY", "20240229T090000", "20240229T090000 20280229T090000 20320229T090000"}};
  const Zone zone = read_zone("America/New_York").value();
  for (const Example& one : kExamples) {
    const std::string walls =
        walls_of(one.rule, one.start, std::string_view(one.walls).size() / 16 + 1, zone);
    EXPECT_EQ(walls, one.walls) << one.rule;
  }
}

TEST(Recurrence, OfRandomRulesIsThatOfDateutilAndLibical) {
  const auto rules = ask_oracle({"dateutil", "20260303", "250"});
  if (!rules) GTEST_SKIP() << "no python3-dateutil here";
  ASSERT_EQ(rules->size(), 250U);
  std::string input;
  for (const std::string& line : *rules) input += line.substr(0, line.rfind('|')) + "\n";
  const auto libical = ask_oracle({"libical"}, input);
  if (!libical) std::fputs("left out: no libical here\n", stderr);
  std::size_t occurrences = 0;
  std::size_t compared = 0;
  for (std::size_t i = 0; i < rules->size(); ++i) {
    const auto parts = split((*rules)[i], '|');
    const std::string ours = walls_of(parts[0], parts[1], 40);
    EXPECT_EQ(ours, parts[2]) << parts[0] << " from " << parts[1];
    occurrences += split(ours, ' ').size();
    if (!libical || (*libical)[i] == "-") continue;
    EXPECT_TRUE((*libical)[i].starts_with(ours)) << parts[0] << " from " << parts[1] << "\n" << (*libical)[i];
    ++compared;
  }
  EXPECT_GT(occurrences, 4'000U);
  EXPECT_TRUE(!libical || compared > 100U) << compared;
}

// ISO 8601: week 53 of 2026 begins on December 28, that of 2032 on December 27; week 1 of 2025 begins in
// 2024.
TEST(Recurrence, CountsWeeksInTheYearThatTheyBelongTo) {
  EXPECT_EQ(walls_of("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO,FR", "20260101T090000", 3),
            "20261228T090000 20270101T090000 20321227T090000");
  EXPECT_EQ(walls_of("FREQ=YEARLY;BYWEEKNO=1;BYDAY=MO", "20241230T090000", 3),
            "20241230T090000 20251229T090000 20270104T090000");
  // Every fourth year from 2024: week 1 of 2032 begins in 2031.
  EXPECT_EQ(walls_of("FREQ=YEARLY;INTERVAL=4;BYWEEKNO=1;BYDAY=TU", "20240825T090000", 2),
            "20280104T090000 20311230T090000");
}

TEST(Recurrence, TakesTheDayOfTheWeekFromTheStartWhereAWeekNumberLeavesItOpen) {
  EXPECT_EQ(walls_of("FREQ=YEARLY;BYWEEKNO=20", "20260514T090000", 2), "20260514T090000 20270520T090000");
}

TEST(Recurrence, EndsWhereItsBudgetEnds) {
  EXPECT_EQ(walls_of("FREQ=SECONDLY", "20260101T000000", 1),
            "FREQ=SECONDLY recurs too often to be told one by one");
  EXPECT_EQ(walls_of("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "20260101T000000", 1), "");
  // Passed over a day, an hour, a minute at a time: eight years of seconds are not looked at.
  EXPECT_EQ(
      walls_of("FREQ=SECONDLY;BYMONTH=1;BYMONTHDAY=2;BYHOUR=3;BYMINUTE=4;BYSECOND=5", "20260101T000000", 2),
      "20260102T030405 20270102T030405");
}

TEST(Rrule, ThatIsNoneIsRefusedWithItsColumn) {
  struct Wrong {
    const char* text;
    const char* message;
  };
  constexpr Wrong kWrong[] = {
      {"", "column 1: `` is no part of a rule"},
      {"BYDAY=MO", "column 1: a rule says how often"},
      {"FREQ=FORTNIGHTLY", "column 6: `FORTNIGHTLY` is no frequency"},
      {"FREQ=DAILY;INTERVAL=0", "column 21: `0` does not go with INTERVAL"},
      {"FREQ=DAILY;COUNT=3;UNTIL=20260101", "column 12: COUNT and UNTIL exclude each other"},
      {"FREQ=DAILY;UNTIL=20260230", "column 18: `20260230` is no date and no time"},
      {"FREQ=DAILY;FREQ=WEEKLY", "column 12: FREQ stands twice"},
      {"FREQ=MONTHLY;BYDAY=1TX", "column 20: `1TX` is no day of the week"},
      {"FREQ=MONTHLY;BYDAY=MO,0TU", "column 23: `0TU` is no day of the week"},
      {"FREQ=WEEKLY;BYDAY=1TU", "column 13: numbered days go with FREQ=MONTHLY and YEARLY alone"},
      {"FREQ=MONTHLY;BYWEEKNO=2", "column 14: BYWEEKNO goes with FREQ=YEARLY alone"},
      {"FREQ=WEEKLY;BYMONTHDAY=2", "column 13: BYMONTHDAY does not go with FREQ=WEEKLY"},
      {"FREQ=DAILY;BYYEARDAY=2", "column 12: BYYEARDAY does not go with FREQ=DAILY, WEEKLY and MONTHLY"},
      {"FREQ=YEARLY;BYWEEKNO=2;BYDAY=1MO", "column 24: numbered days do not go with BYWEEKNO"},
      {"FREQ=DAILY;BYSETPOS=1",
       "column 12: BYSETPOS chooses among what other BY parts give, and there is none"},
      {"FREQ=DAILY;BYHOUR=24", "column 19: `24` does not go with BYHOUR"},
      {"FREQ=DAILY;BYMONTH=1,13", "column 22: `13` does not go with BYMONTH"},
      {"FREQ=DAILY;SKIP=OMIT", "column 12: `SKIP` is not known here"},
      {"FREQ=DAILY;", "column 12: `` is no part of a rule"}};
  for (const Wrong& one : kWrong) {
    const auto rule = parse_rrule(one.text);
    ASSERT_FALSE(rule) << one.text;
    EXPECT_EQ(rule.error().message, one.message) << one.text;
  }
}

}  // namespace
}  // namespace signalbox::calendar
