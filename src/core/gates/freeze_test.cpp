#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/calendar/oracle_fixture.hpp"
#include "core/gates/freeze_table.hpp"

namespace signalbox::gates {
namespace {

const FileSource kNoFiles;

Result<Freeze> freeze_of(const std::string& yaml, const FileSource& files = kNoFiles) {
  return config::parse_yaml(yaml, "f").and_then(
      [&](const config::Node& node) { return parse_freeze(node, files); });
}

Time at(std::string_view text) {
  return *parse_rfc3339(text);
}

// The names of those in force, the latest end first.
std::string in_force(const std::vector<Freeze>& freezes, std::string_view time,
                     std::string_view environment = "") {
  const auto answer = ask_freezes(freezes, at(time), environment);
  if (!answer) return answer.error().message;
  std::vector<std::string> names;
  for (const FrozenSpan& span : answer->in_force) names.push_back(span.name);
  return join(names, " ");
}

std::string free_from(const std::vector<Freeze>& freezes, std::string_view time) {
  const auto answer = ask_freezes(freezes, at(time), "");
  if (!answer) return answer.error().message;
  return answer->free_from ? to_rfc3339(*answer->free_from) : "open";
}

FileSource holidays() {
  return [](const std::string& path) {
    return read_file(testing::source_directory() / "src/core/calendar/testdata" / path);
  };
}

TEST(Freezes, HoldFromTheirStartToTheirEnd) {
  const auto freeze = freeze_of(
      "name: holidays\nreason: nobody is there\nstart: 2026-12-19T00:00:00Z\nend: 2027-01-04T00:00:00+01:00\n"
      "environments: [production]");
  ASSERT_TRUE(freeze) << freeze.error().message;
  EXPECT_EQ(in_force({*freeze}, "2026-12-18T23:59:59Z", "production"), "");
  EXPECT_EQ(in_force({*freeze}, "2026-12-19T00:00:00Z", "production"), "holidays");
  EXPECT_EQ(in_force({*freeze}, "2027-01-03T22:59:59Z", "production"), "holidays");
  EXPECT_EQ(in_force({*freeze}, "2027-01-03T23:00:00Z", "production"), "");
  EXPECT_EQ(in_force({*freeze}, "2026-12-24T00:00:00Z", "staging"), "");
  EXPECT_EQ(in_force({*freeze}, "2026-12-24T00:00:00Z", ""), "holidays");
  EXPECT_EQ(in_force({*freeze}, "2026-12-24T00:00:00Z", "production/api"), "holidays");
  EXPECT_EQ(in_force({*freeze}, "2026-12-24T00:00:00Z", "production2"), "");
}

TEST(Freezes, ThatOverlapAreOneUntilTheLastOfThemEnds) {
  const auto week = freeze_of("name: week\nstart: 2026-01-01T00:00:00Z\nend: 2026-01-08T00:00:00Z");
  const auto month = freeze_of("name: month\nstart: 2026-01-01T00:00:00Z\nend: 2026-01-31T00:00:00Z");
  const auto touching = freeze_of("name: after\nstart: 2026-01-31T00:00:00Z\nend: 2026-02-02T00:00:00Z");
  const std::vector<Freeze> all = {*week, *month, *touching};
  EXPECT_EQ(in_force(all, "2026-01-01T00:00:00Z"), "month week");
  EXPECT_EQ(free_from(all, "2026-01-01T00:00:00Z"), "2026-02-02T00:00:00Z");
  EXPECT_EQ(free_from(all, "2026-02-02T00:00:00Z"), "open");
  const auto frozen = ask_freezes(all, at("2026-01-05T00:00:00Z"), "");
  ASSERT_TRUE(frozen && frozen->following.size() == 1);
  EXPECT_EQ(frozen->following[0].name, "after");
  const auto answer = ask_freezes(all, at("2025-12-31T00:00:00Z"), "");
  ASSERT_TRUE(answer && answer->next);
  EXPECT_EQ(to_rfc3339(answer->next->start), "2026-01-01T00:00:00Z");
}

TEST(Freezes, EndEarlierWhereOneOfTheirUnionIsTakenAway) {
  const auto answer_of = [](const char* days) {
    FrozenSpan span;
    span.start = at(std::string("2026-01-0") + days[0] + "T00:00:00Z");
    span.end = at(std::string("2026-01-0") + days[1] + "T00:00:00Z");
    return span;
  };
  EXPECT_FALSE(end_of_union({}, {answer_of("12")}));
  EXPECT_EQ(to_rfc3339(*end_of_union({answer_of("14")}, {answer_of("23"), answer_of("46")})),
            "2026-01-06T00:00:00Z");
  EXPECT_EQ(to_rfc3339(*end_of_union({answer_of("13")}, {answer_of("46")})), "2026-01-03T00:00:00Z")
      << "with a gap between them";
}

// Fridays from 18:00 to Mondays 08:00 in Berlin, over the change of clocks on March 29, 2026.
TEST(Freezes, OfACronPairHoldByTheClocksOfTheirZone) {
  const auto freeze = freeze_of(
      "name: weekend\nfreeze_start: '0 18 * * 5'\nfreeze_end: '0 8 * * 1'\ncron_timezone: Europe/Berlin");
  ASSERT_TRUE(freeze) << freeze.error().message;
  EXPECT_EQ(in_force({*freeze}, "2026-03-27T16:59:59Z"), "");
  EXPECT_EQ(in_force({*freeze}, "2026-03-27T17:00:00Z"), "weekend");
  EXPECT_EQ(in_force({*freeze}, "2026-03-30T05:59:59Z"), "weekend");
  EXPECT_EQ(in_force({*freeze}, "2026-03-30T06:00:00Z"), "");
  EXPECT_EQ(free_from({*freeze}, "2026-03-28T12:00:00Z"), "2026-03-30T06:00:00Z");
}

// GitLab's words, asked of each quarter of an hour: the last start is not after it, and no end lies after
// that start and not after it. Starts and ends are told by another implementation of cron.
TEST(Freezes, OfACronPairAreThoseOfGitlab) {
  struct Pair {
    const char* start;
    const char* end;
    const char* zone;
  };
  constexpr Pair kPairs[] = {
      {"0 18 * * 5", "0 8 * * 1", "Europe/Berlin"},          {"0 0 24 12 *", "0 0 2 1 *", "America/New_York"},
      {"0 22 * * *", "0 6 * * *", "Australia/Lord_Howe"},    {"30 2 * * *", "30 2 * * 1", "Europe/Berlin"},
      {"0 */6 * * *", "0 3-9/3 * * *", "Africa/Casablanca"}, {"15 9 * * 1", "15 9 * * *", "Asia/Kolkata"}};
  const Time from = at("2026-01-01T00:00:00Z");
  const Time until = at("2026-12-31T00:00:00Z");
  for (const Pair& pair : kPairs) {
    const auto fires = [&](const char* cron) {
      const auto first = std::to_string(
          std::chrono::floor<std::chrono::seconds>(from).time_since_epoch().count() - 34'000'000);
      const auto last =
          std::to_string(std::chrono::floor<std::chrono::seconds>(until).time_since_epoch().count());
      return calendar::ask_oracle({"cron", cron, pair.zone, first, last});
    };
    const auto starts = fires(pair.start);
    const auto ends = fires(pair.end);
    if (!starts || !ends) GTEST_SKIP() << "no python3 here";
    const auto freeze = freeze_of(std::string("name: x\nfreeze_start: '") + pair.start + "'\nfreeze_end: '" +
                                  pair.end + "'\ncron_timezone: " + pair.zone);
    ASSERT_TRUE(freeze) << freeze.error().message;
    const auto table = FreezeTable::compile({*freeze}, "", from, until);
    ASSERT_TRUE(table) << table.error().message;
    std::size_t start = 0;
    std::size_t end = 0;
    std::int64_t last_start = 0;
    std::int64_t last_end = 0;
    int frozen = 0;
    for (Time time = from; time < until; time += std::chrono::minutes(15)) {
      const std::int64_t now = time.time_since_epoch().count() / 1000;
      for (; start < starts->size() && std::stoll((*starts)[start]) <= now; ++start)
        last_start = std::stoll((*starts)[start]);
      for (; end < ends->size() && std::stoll((*ends)[end]) <= now; ++end)
        last_end = std::stoll((*ends)[end]);
      const bool expected = last_start > 0 && last_end <= last_start;
      ASSERT_EQ(table->at(time).state == FreezeTable::State::frozen, expected)
          << pair.start << " to " << pair.end << " at " << to_rfc3339(time);
      frozen += expected ? 1 : 0;
    }
    EXPECT_GT(frozen, 0) << pair.start;
  }
}

TEST(Freezes, OfARuleHoldForTheirLengthOnTheWall) {
  const auto freeze = freeze_of(
      "name: close\nrrule: FREQ=MONTHLY;BYDAY=-1FR\nfrom: 2026-01-30T18:00\nduration: 2d12h\ntimezone: "
      "Europe/Berlin");
  ASSERT_TRUE(freeze) << freeze.error().message;
  EXPECT_EQ(in_force({*freeze}, "2026-01-30T16:59:59Z"), "");
  EXPECT_EQ(in_force({*freeze}, "2026-01-30T17:00:00Z"), "close");
  EXPECT_EQ(free_from({*freeze}, "2026-02-28T00:00:00Z"), "2026-03-02T05:00:00Z");
  EXPECT_EQ(free_from({*freeze}, "2026-03-28T00:00:00Z"),
            "2026-03-30T04:00:00Z");  // summer time since the 29th
  EXPECT_EQ(in_force({*freeze}, "2025-12-26T18:00:00Z"), "") << "before its first time";
}

TEST(Freezes, OfAFileHoldWhileItsEventsDo) {
  const auto freeze = freeze_of(
      "name: holidays\nreason: a skeleton crew\nics: holidays.ics\ntimezone: Europe/Berlin", holidays());
  ASSERT_TRUE(freeze) << freeze.error().message;
  const auto answer = ask_freezes({*freeze}, at("2026-10-02T22:00:00Z"), "");
  ASSERT_TRUE(answer && answer->in_force.size() == 1);
  EXPECT_EQ(answer->in_force[0].reason, "Day of German Unity: a skeleton crew");
  EXPECT_EQ(to_rfc3339(*answer->free_from), "2026-10-03T22:00:00Z");
  EXPECT_EQ(in_force({*freeze}, "2026-10-02T21:59:59Z"), "");
}

TEST(Freezes, ThatGoOnWithoutAGapEndTenYearsAhead) {
  const auto freeze = freeze_of("name: always\nrrule: FREQ=DAILY\nfrom: 2026-01-01\nduration: 1d");
  ASSERT_TRUE(freeze) << freeze.error().message;
  EXPECT_GE(free_from({*freeze}, "2026-06-01T00:00:00Z"), "2036-05");
}

TEST(Freezes, OutsideOfWhatWasCompiledAreNeverSaidToBeOpen) {
  const auto table = FreezeTable::compile({}, "", at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z"));
  ASSERT_TRUE(table);
  EXPECT_EQ(table->at(at("2026-01-01T00:00:00Z")).state, FreezeTable::State::open);
  EXPECT_EQ(table->at(at("2027-01-01T00:00:00Z")).state, FreezeTable::State::not_compiled);
  EXPECT_EQ(table->at(at("2025-12-31T23:59:59Z")).state, FreezeTable::State::not_compiled);
}

TEST(Freezes, ThatAreNoneAreRefusedWithPlaceAndField) {
  struct Wrong {
    const char* yaml;
    const char* message;
  };
  constexpr Wrong kWrong[] = {
      {"name: x\nstart: 2026-12-19T00:00:00Z\nend: 2026-12-19T00:00:00Z", "f:3:6: end: the freeze ends at"},
      {"name: x\nstart: 2026-12-19T00:00:00Z", "f:1:1: end: a time such as"},
      {"name: x\nstart: 0 18 * * 5\nend: 0 8 * * 1",
       "f:2:8: start: start and end are times, and this is cron"},
      {"name: x", "f:1:1: a freeze says when"},
      {"reason: x\nics: a.ics", "f:1:1: name: text is expected here"},
      {"name: x\nfreeze_start: 0 18 32 * *\nfreeze_end: 0 8 * * 1",
       "f:2:15: freeze_start: column 6: `32` is no day of the month"},
      {"name: x\nfreeze_start: 0 18 * * 5", "f:1:1: freeze_end: text is expected here"},
      {"name: x\nfreeze_end: 0 18 * * 5", "f:1:1: freeze_start: text is expected here"},
      {"name: x\nfreeze_start: 0 18 * * 5\nfreeze_end: 0 8 * * 1\ncron_timezone: Europe/Berln",
       "f:4:16: cron_timezone: there is no time zone `Europe/Berln`"},
      {"name: x\nfreeze_start: 0 18 * * 5\nfreeze_end: 0 8 30 2 *",
       "f:3:13: freeze_end: column 5: none of its months"},
      {"name: x\nfreeze_start: 0 18 * * 5\nfreeze_end: 0 8 * * 1\ntimezone: UTC",
       "f:4:1: timezone: the key 'timezone' is not known here"},
      {"name: x\nfreeze_start: 0 18 * * 5\nend: 2026-12-19T00:00:00Z",
       "f:2:15: freeze_start: does not go with start"},
      {"name: x\nrrule: FREQ=MONTHLY;BYDAY=1XX\nfrom: 2026-01-01\nduration: 1d",
       "f:2:8: rrule: column 20: `1XX` is no day of the week"},
      {"name: x\nrrule: FREQ=DAILY\nduration: 1d", "f:1:1: from: text is expected here"},
      {"name: x\nrrule: FREQ=DAILY\nfrom: tomorrow\nduration: 1d",
       "f:3:7: from: `tomorrow` is no time on the wall"},
      {"name: x\nrrule: FREQ=DAILY\nfrom: 2026-01-01\nduration: 0d",
       "f:4:11: duration: `0d` is no length of a freeze"},
      {"name: x\nrrule: FREQ=MINUTELY\nfrom: 2026-01-01\nduration: 1m",
       "f:2:8: rrule: FREQ=MINUTELY recurs too often"},
      {"name: x\nrrule: FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\nfrom: 2026-01-01\nduration: 1d",
       "f:2:8: rrule: it never recurs"},
      {"name: x\nics: ../secrets.ics", "f:2:6: ics: a file of holidays lies beside the configuration"},
      {"name: x\nics: /etc/passwd", "f:2:6: ics: a file of holidays lies beside the configuration"},
      {"name: x\nics: missing.ics", "f:2:6: ics: "},
      {"name: x\nics: holidays.ics\ntimezone: Nowhere", "f:3:11: timezone: there is no time zone `Nowhere`"},
      {"name: x\nstart: 2026-12-19T00:00:00Z\nends: 2026-12-20T00:00:00Z\nend: 2026-12-20T00:00:00Z",
       "f:3:1: ends: the key 'ends' is not known here"}};
  for (const Wrong& one : kWrong) {
    const auto freeze = freeze_of(one.yaml, holidays());
    ASSERT_FALSE(freeze) << one.yaml;
    EXPECT_EQ(freeze.error().kind, ErrorKind::bad_input) << one.yaml;
    EXPECT_TRUE(freeze.error().message.starts_with(one.message)) << one.yaml << "\n"
                                                                 << freeze.error().message;
  }
}

TEST(Freezes, OfABrokenFileNameItsLine) {
  const FileSource broken = [](const std::string&) -> Result<std::string> {
    return "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:20261399\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
  };
  const auto freeze = freeze_of("name: x\nics: h.ics", broken);
  ASSERT_FALSE(freeze);
  EXPECT_TRUE(freeze.error().message.starts_with("h.ics:3:9: ")) << freeze.error().message;
}

}  // namespace
}  // namespace signalbox::gates
