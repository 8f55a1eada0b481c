#include "core/calendar/ics_reader.hpp"

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/calendar/content_line.hpp"
#include "core/calendar/ics_zone.hpp"
#include "core/calendar/oracle_fixture.hpp"

namespace signalbox::calendar {
namespace {

const Instant kFrom{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
const Instant kUntil{std::chrono::sys_days(std::chrono::year(2027) / 1 / 1)};

std::string calendar_of(std::string_view events) {
  return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + std::string(events) + "END:VCALENDAR\r\n";
}

std::string event_of(std::string_view lines_of) {
  return calendar_of("BEGIN:VEVENT\r\nUID:a\r\n" + std::string(lines_of) + "END:VEVENT\r\n");
}

// "20261003T000000Z-20261004T000000Z", or the message of what went wrong.
std::vector<std::string> told(std::string_view octets, const Zone& zone = Zone::utc(),
                              Instant until = kUntil) {
  const auto file = parse_ics(octets, "f.ics", zone);
  if (!file) return {file.error().message};
  ExpansionBudget budget;
  const auto found = occurrences(*file, kFrom, until, budget);
  if (!found) return {found.error().message};
  std::vector<std::string> out;
  for (const Occurrence& one : *found) out.push_back(utc_text(one.start) + "-" + utc_text(one.end));
  return out;
}

using Times = std::vector<std::string>;

TEST(IcsReader, AnAllDayEventIsADayOfTheZone) {
  const Zone berlin = read_zone("Europe/Berlin").value();
  EXPECT_EQ(told(event_of("DTSTART;VALUE=DATE:20261003\r\n"), berlin),
            Times{"20261002T220000Z-20261003T220000Z"});
  EXPECT_EQ(told(event_of("DTSTART;VALUE=DATE:20261003\r\nDTEND;VALUE=DATE:20261005\r\n")),
            Times{"20261003T000000Z-20261005T000000Z"});
  // October 25 has 25 hours in Berlin, and March 29 has 23.
  EXPECT_EQ(told(event_of("DTSTART;VALUE=DATE:20261025\r\nDURATION:P1D\r\n"), berlin),
            Times{"20261024T220000Z-20261025T230000Z"});
  EXPECT_EQ(told(event_of("DTSTART;VALUE=DATE:20260329\r\nDURATION:P1D\r\n"), berlin),
            Times{"20260328T230000Z-20260329T220000Z"});
  EXPECT_EQ(
      told(calendar_of(
          "X-WR-TIMEZONE:Asia/Kolkata\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261003\r\nEND:VEVENT\r\n")),
      Times{"20261002T183000Z-20261003T183000Z"});
}

TEST(IcsReader, TheLengthOfAnEventIsByTheClockOrByTheCalendar) {
  const std::string start = "DTSTART;TZID=Europe/Berlin:20261024T120000\r\n";
  EXPECT_EQ(told(event_of(start + "DURATION:P1D\r\n")), Times{"20261024T100000Z-20261025T110000Z"});
  EXPECT_EQ(told(event_of(start + "DURATION:PT24H\r\n")), Times{"20261024T100000Z-20261025T100000Z"});
  EXPECT_EQ(told(event_of(start + "DTEND:20261024T110000Z\r\n")), Times{"20261024T100000Z-20261024T110000Z"});
}

TEST(IcsReader, DatesAreAddedAndLeftOut) {
  EXPECT_EQ(told(event_of("DTSTART:20260601T100000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=3\r\n"
                          "EXDATE:20260602T100000Z\r\nRDATE:20260701T100000Z,20260601T100000Z\r\n"
                          "RDATE;VALUE=PERIOD:20260801T000000Z/PT2H,20260901T000000Z/20260901T030000Z\r\n")),
            (Times{"20260601T100000Z-20260601T110000Z", "20260603T100000Z-20260603T110000Z",
                   "20260701T100000Z-20260701T110000Z", "20260801T000000Z-20260801T020000Z",
                   "20260901T000000Z-20260901T030000Z"}));
}

TEST(IcsReader, AnInstanceMayBeMovedOrCalledOff) {
  const std::string series =
      "BEGIN:VEVENT\r\nUID:a\r\nDTSTART:20260601T100000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY;COUNT=3\r\nEND:"
      "VEVENT\r\n";
  EXPECT_EQ(told(calendar_of(series + "BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID:20260602T100000Z\r\nDTSTART:"
                                      "20260602T150000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n"
                                      "BEGIN:VEVENT\r\nUID:a\r\nRECURRENCE-ID:20260603T100000Z\r\nDTSTART:"
                                      "20260603T100000Z\r\nSTATUS:CANCELLED\r\nEND:VEVENT\r\n")),
            (Times{"20260601T100000Z-20260601T110000Z", "20260602T150000Z-20260602T160000Z"}));
}

TEST(IcsReader, TheFirstInstanceCountsAlsoWhereItsRuleDoesNotFit) {
  EXPECT_EQ(told(event_of("DTSTART:20260601T100000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;BYDAY=TU;UNTIL="
                          "20260603T000000Z\r\n")),
            (Times{"20260601T100000Z-20260601T110000Z", "20260602T100000Z-20260602T110000Z"}));
}

TEST(IcsReader, AnEventThatBeganEarlierStillOverlaps) {
  EXPECT_EQ(told(event_of("DTSTART:20251220T000000Z\r\nDTEND:20260104T000000Z\r\n")),
            Times{"20251220T000000Z-20260104T000000Z"});
  EXPECT_EQ(told(event_of("DTSTART:20251220T000000Z\r\nDTEND:20260101T000000Z\r\n")), Times{});
}

// Outlook's names are in no database: the VTIMEZONE of the file says what they mean.
TEST(IcsReader, AZoneMayComeWithTheFile) {
  const auto octets = read_file(testing::source_directory() / "src/core/calendar/testdata/holidays.ics");
  ASSERT_TRUE(octets);
  const auto file = parse_ics(*octets, "holidays.ics", Zone::utc());
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->name, "Holidays and closes");
  ExpansionBudget budget;
  const auto found = occurrences(*file, kFrom, kUntil, budget);
  ASSERT_TRUE(found);
  Times closes;
  for (const Occurrence& one : *found) {
    if (one.event->uid == "close@example.org")
      closes.push_back(utc_text(one.start) + "-" + utc_text(one.end));
  }
  const Times expected = {"20260130T170000Z-20260202T050000Z", "20260227T170000Z-20260302T050000Z",
                          "20260327T170000Z-20260330T040000Z",  // clocks go forward on the 29th
                          "20260424T160000Z-20260427T040000Z", "20260529T160000Z-20260601T040000Z",
                          "20260701T160000Z-20260704T040000Z", "20260731T160000Z-20260803T040000Z",
                          "20260828T160000Z-20260831T040000Z", "20260925T160000Z-20260928T040000Z",
                          "20261030T170000Z-20261102T050000Z"};
  EXPECT_EQ(closes, expected);
  EXPECT_EQ(file->events[1].summary, "Christmas, all of it");
  EXPECT_EQ(file->events[1].description,
            "A long text that is folded after some seventy-five octets, as the standard wants it to be.");
}

TEST(IcsReader, PlacesBeforeANameOfAZoneArePassedOver) {
  EXPECT_EQ(told(event_of(
                "DTSTART;TZID=/mozilla.org/20050126_1/Europe/Berlin:20260701T120000\r\nDURATION:PT1H\r\n")),
            Times{"20260701T100000Z-20260701T110000Z"});
}

// What our VTIMEZONE says is read back as the zone itself, twice an hour around each change of ten years.
TEST(Vtimezone, SaysWhatTheZoneSays) {
  const Instant last{std::chrono::sys_days(std::chrono::year(2036) / 1 / 1)};
  for (const char* name : {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata",
                           "Africa/Casablanca", "America/Nuuk", "Europe/Dublin"}) {
    const Zone zone = read_zone(name).value();
    std::string text = "BEGIN:VCALENDAR\r\n";
    append_vtimezone(text, zone, kFrom, last);
    const auto read = read_components(text + "END:VCALENDAR\r\n", "f");
    ASSERT_TRUE(read) << read.error().message;
    ExpansionBudget budget;
    const auto again = parse_vtimezone(read->front().parts.front(), "f", budget);
    ASSERT_TRUE(again) << again.error().message;
    for (Instant change = kFrom; change < last; change = zone.at(change).end) {
      for (int half = -6; half <= 6; ++half) {
        const Instant at = std::max(kFrom, change + std::chrono::minutes(30 * half));
        EXPECT_EQ(again->to_wall(at), zone.to_wall(at)) << name << " " << utc_text(at) << "\n" << text;
      }
    }
  }
}

TEST(Vtimezone, OfEuropeIsTwoYearlyRules) {
  std::string text;
  append_vtimezone(text, read_zone("Europe/Berlin").value(), kFrom, kFrom + std::chrono::years(10));
  EXPECT_NE(text.find("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n"), std::string::npos) << text;
  EXPECT_NE(text.find("RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("RDATE"), std::string::npos) << text;
}

TEST(IcsReader, RefusesWhatItDoesNotUnderstandWithItsPlace) {
  struct Wrong {
    std::string octets, message;
  };
  const Wrong kWrong[] = {
      {"", "f.ics:1:1: no calendar"},
      {"hello\r\n", "f.ics:1:6: a colon is expected here"},
      {" folded\r\n", "f.ics:1:1: nothing is continued here"},
      {"BEGIN:VEVENT\r\nEND:VEVENT\r\n", "f.ics:1:7: BEGIN:VCALENDAR is expected here"},
      {"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "f.ics:2:1: VEVENT does not end: the file is cut off"},
      {"BEGIN:VCALENDAR\r\nEND:VEVENT\r\n", "f.ics:2:5: END:VEVENT ends nothing that is open"},
      {calendar_of(""), "f.ics:1:1: there is no event in it"},
      {event_of(""), "f.ics:3:1: an event without DTSTART"},
      {event_of("DTSTART:20260230\r\n"), "f.ics:5:9: `20260230` is no date and no time"},
      {event_of("DTSTART;VALUE=DATE:20260203T100000\r\n"), "f.ics:5:20: `20260203T100000` is no date"},
      {event_of("DTSTART;TZID=Mars/Olympus:20260203T100000\r\n"),
       "f.ics:5:27: DTSTART: there is no time zone `Mars/Olympus`"},
      {event_of("DTSTART:20260203\r\nDTEND:20260201\r\n"), "f.ics:6:7: the event ends before it starts"},
      {event_of("DTSTART:20260203\r\nDTEND:20260204T100000Z\r\n"),
       "f.ics:6:7: DTSTART and DTEND are both dates or both times"},
      {event_of("DTSTART:20260203\r\nDURATION:-P1D\r\n"), "f.ics:6:10: `-P1D` is no length"},
      {event_of("DTSTART:20260203\r\nDURATION:PT1H\r\n"),
       "f.ics:6:10: an event of whole days lasts whole days"},
      {event_of("DTSTART:20260203\r\nRRULE:FREQ=MONTHLY;\r\n BYDAY=9XX\r\n"),
       "f.ics:7:8: RRULE: `9XX` is no day of the week"},
      {event_of("DTSTART:20260203\r\nEXRULE:FREQ=DAILY\r\n"),
       "f.ics:6:8: EXRULE is not read: RFC 5545 has done away with it"},
      {event_of("DTSTART:20260203\r\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260203\r\n"),
       "f.ics:6:35: a change of this and all later instances is not read"},
      {event_of("DTSTART:20260101T000000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=SECONDLY\r\n"),
       "f.ics:3:1: FREQ=SECONDLY recurs too often to be told one by one"}};
  for (const Wrong& one : kWrong) EXPECT_EQ(told(one.octets), Times{one.message}) << one.octets;
}

TEST(Periods, AreDurationsOfTheRfc) {
  EXPECT_EQ(parse_period("P1W")->days.count(), 7);
  EXPECT_EQ(parse_period("P15DT5H0M20S")->time.count(), 18020);
  EXPECT_EQ(parse_period("-PT15M")->time.count(), -900);
  for (const char* text :
       {"", "P", "PT", "1D", "P1H", "PT1D", "P1DT", "P1D2W", "PT1M1H", "P-1D", "P1234567D", "P1D "})
    EXPECT_FALSE(parse_period(text)) << text;
}

}  // namespace
}  // namespace signalbox::calendar
