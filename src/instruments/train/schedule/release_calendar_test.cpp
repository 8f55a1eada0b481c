#include "instruments/train/schedule/release_calendar.hpp"

#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "core/calendar/oracle_fixture.hpp"
#include "instruments/train/schedule/milestones.hpp"

namespace signalbox::train::schedule {
namespace {

Time at(std::string_view text) {
  return *parse_rfc3339(text);
}

CalendarSources sources_of(std::string_view since, std::string_view until) {
  CalendarSources out;
  out.feed = {"shop releases", "example.org"};
  const auto node =
      config::parse_yaml("{preset: monthly, from: 2026-03-03T10:00, timezone: Europe/Berlin}", "f");
  out.cadence = parse_cadence(*node).value();
  out.since = at(since);
  out.until = at(until);
  out.now = at(since);
  out.stamp = calendar::instant_at(1772528400);
  return out;
}

Train train_of(const char* id, std::string_view planned, std::string_view departs, std::uint64_t sequence) {
  Train train;
  train.id = id;
  train.schedule = Schedule{};
  train.schedule->planned = at(planned);
  train.schedule->departs = at(departs);
  train.schedule->sequence = sequence;
  train.schedule->changed = at("2026-04-01T00:00:00Z");
  return train;
}

std::map<std::string, CalendarEvent> by_uid(const ReleaseCalendar& calendar) {
  std::map<std::string, CalendarEvent> out;
  for (const CalendarEvent& event : calendar.events) {
    EXPECT_EQ(out.count(event.uid), 0U) << event.uid << " stands there twice";
    out.emplace(event.uid, event);
  }
  return out;
}

TEST(ReleaseCalendars, HaveEachMilestoneOfWhatIsPlanned) {
  const auto calendar = make_calendar(sources_of("2026-06-01T00:00:00Z", "2026-08-01T00:00:00Z"));
  ASSERT_TRUE(calendar) << calendar.error().message;
  const auto events = by_uid(*calendar);
  for (const char* id : {"selection", "integration", "hardening", "release", "stabilise", "review",
                         "cooldown", "feature-freeze"}) {
    const auto found = events.find(std::string("2026-07-") + id + "@example.org");
    ASSERT_NE(found, events.end()) << id;
    EXPECT_EQ(name_of(found->second.status), "tentative");
  }
  const CalendarEvent& release = events.at("2026-07-release@example.org");
  EXPECT_EQ(to_rfc3339(release.starts), "2026-07-07T08:00:00Z");
  const CalendarEvent& freeze = events.at("2026-07-feature-freeze@example.org");
  EXPECT_EQ(to_rfc3339(freeze.starts), "2026-07-04T08:00:00Z") << "72 hours before";
  const CalendarEvent& selection = events.at("2026-07-selection@example.org");
  EXPECT_EQ(to_rfc3339(selection.starts), "2026-06-15T22:00:00Z") << "June 16 in Berlin, three weeks before";
}

TEST(ReleaseCalendars, KeepTheUidOfATrainThatMovesAndRaiseItsSequence) {
  CalendarSources sources = sources_of("2026-06-01T00:00:00Z", "2026-08-01T00:00:00Z");
  const std::size_t planned = make_calendar(sources)->events.size();
  sources.trains = {train_of("2026-07", "2026-07-07T08:00:00Z", "2026-07-09T08:00:00Z", 1)};
  const auto moved = by_uid(*make_calendar(sources));
  EXPECT_EQ(moved.size(), planned) << "the slot that it left is not planned again";
  const CalendarEvent& release = moved.at("2026-07-release@example.org");
  EXPECT_EQ(to_rfc3339(release.starts), "2026-07-09T08:00:00Z");
  EXPECT_EQ(release.sequence, 1U);
  EXPECT_EQ(name_of(release.status), "confirmed");
  sources.trains[0].phase = Phase::cancelled;
  sources.trains[0].schedule->sequence = 2;
  const auto cancelled = by_uid(*make_calendar(sources));
  EXPECT_EQ(name_of(cancelled.at("2026-07-review@example.org").status), "cancelled");
  EXPECT_EQ(cancelled.at("2026-07-review@example.org").sequence, 2U);
  // Made under another name for the same departure, it takes the place of what was planned.
  sources.trains = {train_of("v1.4.0", "2026-07-07T08:00:00Z", "2026-07-09T08:00:00Z", 1)};
  EXPECT_EQ(by_uid(*make_calendar(sources)).count("2026-07-release@example.org"), 0U);
}

TEST(ReleaseCalendars, GiveANewTrainTheNextDepartureThatIsFree) {
  const Cadence cadence = sources_of("2026-06-01T00:00:00Z", "2026-08-01T00:00:00Z").cadence;
  const Time now = at("2026-07-01T00:00:00Z");
  EXPECT_EQ(next_slot(cadence, {}, now)->name, "2026-07");
  const std::vector<Train> trains = {train_of("x", "2026-07-07T08:00:00Z", "2026-07-20T08:00:00Z", 1)};
  EXPECT_EQ(next_slot(cadence, trains, now)->name, "2026-08");
  EXPECT_EQ(next_slot(*preset("continuous"), {}, now).error().kind, ErrorKind::not_found);
}

std::string when_of(const CalendarEvent& event, bool of_start) {
  if (const auto* whole = std::get_if<calendar::DaySpan>(&event.when))
    return calendar::date_text(of_start ? whole->first : whole->end);
  const auto& span = std::get<calendar::TimeSpan>(event.when);
  return calendar::utc_text(of_start ? span.start : span.end);
}

// Ten years of departures and freezes.
ReleaseCalendar ten_years() {
  CalendarSources sources = sources_of("2026-03-01T00:00:00Z", "2036-03-01T00:00:00Z");
  const auto node = config::parse_yaml(
      "name: weekend\nreason: 'closed; \"all\", of us'\nfreeze_start: 0 18 * * 5\nfreeze_end: 0 8 * * 1\n"
      "cron_timezone: Europe/Berlin",
      "f");
  sources.freezes = {gates::parse_freeze(*node, {}).value()};
  return make_calendar(sources).value();
}

TEST(ReleaseCalendars, OverTenYearsHaveEachUidOnceAndTheSameOctetsAgain) {
  const ReleaseCalendar calendar = ten_years();
  EXPECT_GT(calendar.events.size(), 120U * 8 + 520);
  by_uid(calendar);
  EXPECT_EQ(to_ics(calendar), to_ics(ten_years()));
}

// Every instant as libical has it by the VTIMEZONE that travels with it.
TEST(ReleaseCalendars, AreReadByLibicalOverTenYears) {
  const ReleaseCalendar calendar = ten_years();
  const auto libical = calendar::ask_oracle({"libical-events"}, to_ics(calendar));
  if (!libical) GTEST_SKIP() << "no libical: apt-get install python3 libical3";
  ASSERT_EQ(libical->size(), calendar.events.size() + 1);
  EXPECT_EQ(libical->front(), "0") << "errors that libical finds";
  for (std::size_t i = 1; i < libical->size(); ++i) {
    const CalendarEvent& event = calendar.events[i - 1];
    ASSERT_EQ((*libical)[i], event.uid + "|" + when_of(event, true) + "|" + when_of(event, false) + "|" +
                                 Json(event.title).dump());
  }
}

TEST(ReleaseCalendars, AreReadByPythonsIcalendarOverTenYears) {
  const ReleaseCalendar calendar = ten_years();
  const auto python = calendar::ask_oracle({"icalendar"}, to_ics(calendar));
  if (!python) GTEST_SKIP() << "no icalendar of Python: apt-get install python3-icalendar";
  ASSERT_EQ(python->size(), calendar.events.size());
  for (std::size_t i = 0; i < python->size(); ++i) {
    const CalendarEvent& event = calendar.events[i];
    const std::string start = event.uid + "|" + when_of(event, true) + "|" + when_of(event, false) + "|0|";
    ASSERT_TRUE((*python)[i].starts_with(start)) << (*python)[i] << "\n" << start;
  }
}

TEST(ReleaseCalendars, AsAPageEscapeWhatPeopleWrote) {
  CalendarSources sources = sources_of("2026-06-01T00:00:00Z", "2026-08-01T00:00:00Z");
  sources.feed.name = "<script>alert(1)</script>";
  sources.cadence.milestones[0].owner = "\"><img src=x>";
  const std::string page = to_html(*make_calendar(sources));
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_NE(page.find("2026-07-07 10:00"), std::string::npos) << "by the clocks of the zone";
}

}  // namespace
}  // namespace signalbox::train::schedule
