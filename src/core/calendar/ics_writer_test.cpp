#include "core/calendar/ics_writer.hpp"

#include <gtest/gtest.h>

#include "core/base/file.hpp"
#include "core/base/json.hpp"
#include "core/calendar/content_line.hpp"
#include "core/calendar/ics_reader.hpp"
#include "core/calendar/oracle_fixture.hpp"

namespace signalbox::calendar {
namespace {

const char* const kLong =
    "Größe: \\ ; , und ein Zug 🚂🚂🚂🚂🚂🚂🚂🚂🚂🚂🚂🚂🚂🚂🚂🚂🚂🚂 — "
    "日本語日本語日本語日本語日本語日本語\nzweite Zeile";

// A week apart for ten years: each zone's clocks change some twenty times.
IcsCalendar ten_years() {
  IcsCalendar out;
  out.name = "trains";
  for (const char* name :
       {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca"}) {
    const Zone zone = read_zone(name).value();
    Wall wall = wall_at("20260106T101500");
    for (int week = 0; week < 520; ++week, wall += std::chrono::weeks(1)) {
      IcsEntry entry;
      entry.uid = std::string(name) + "-" + std::to_string(week) + "@example.org";
      entry.summary = name;
      entry.stamp = instant_at(1772528400);
      const Instant start = zone.to_utc(wall);
      entry.when = TimeSpan{start, start + std::chrono::minutes(90), zone};
      out.entries.push_back(std::move(entry));
    }
  }
  return out;
}

IcsCalendar of_each_kind() {
  IcsCalendar out;
  out.name = "each kind";
  const Zone berlin = read_zone("Europe/Berlin").value();
  IcsEntry entry;
  entry.uid = "2026-12-release@example.org";
  entry.summary = kLong;
  entry.description = "see https://example.org/?a=1,2;3";
  entry.stamp = instant_at(1772528400);
  entry.sequence = 3;
  entry.categories = {"release", "a, b"};
  entry.url = "https://example.org/trains/2026-12";
  entry.when = TimeSpan{instant_at(1772528400), instant_at(1772532000), berlin};
  out.entries.push_back(entry);
  entry.uid = "2026-12-review@example.org";
  entry.summary = "cancelled";
  entry.status = IcsEntry::Status::cancelled;
  entry.sequence = 1;
  entry.when = DaySpan{Day(std::chrono::year(2026) / 3 / 10), Day(std::chrono::year(2026) / 3 / 12)};
  out.entries.push_back(entry);
  entry.uid = "2026-12-moment@example.org";
  entry.status = IcsEntry::Status::tentative;
  entry.summary = "utc";
  entry.when = TimeSpan{instant_at(1775548800), instant_at(1775552400)};
  out.entries.push_back(entry);
  // The second 02:30 of October 25: no wall time tells it.
  entry.uid = "2026-12-second@example.org";
  entry.when = TimeSpan{instant_at(1792891800), instant_at(1792895400), berlin};
  out.entries.push_back(entry);
  return out;
}

std::string moment_text(const IcsEntry& entry, bool of_start) {
  if (const auto* days = std::get_if<DaySpan>(&entry.when))
    return date_text(of_start ? days->first : days->end);
  const TimeSpan& span = std::get<TimeSpan>(entry.when);
  return utc_text(of_start ? span.start : span.end);
}

std::string status_text(const IcsEntry& entry) {
  if (entry.status == IcsEntry::Status::confirmed) return "CONFIRMED";
  return entry.status == IcsEntry::Status::cancelled ? "CANCELLED" : "TENTATIVE";
}

std::string summary_text(const IcsEntry& entry) {
  return Json(entry.summary).dump();
}

TEST(Ics, LinesHaveAtMost75OctetsAndCutNoCharacter) {
  const std::string text = write_ics(of_each_kind());
  std::size_t folds = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t end = rest.find("\r\n");
    ASSERT_NE(end, std::string_view::npos);
    const std::string_view line = rest.substr(0, end);
    EXPECT_LE(line.size(), 75U);
    EXPECT_TRUE(is_utf8(line)) << line;
    EXPECT_EQ(line.find_first_of("\r\n"), std::string_view::npos);
    folds += line.starts_with(' ') ? 1U : 0U;
    rest.remove_prefix(end + 2);
  }
  EXPECT_GE(folds, 2U);
}

TEST(Ics, OfTheSameCalendarIsTheSame) {
  EXPECT_EQ(write_ics(ten_years()), write_ics(ten_years()));
}

TEST(Ics, NoTextEndsItsLine) {
  IcsCalendar calendar = of_each_kind();
  calendar.entries[0].uid = "evil\r\nBEGIN:VALARM";
  calendar.entries[0].summary = "a\r\nb\rc\nd";
  calendar.entries[0].url = "https://x\r\nX-EVIL:1";
  const auto lines_of = read_content_lines(write_ics(calendar), "f");
  ASSERT_TRUE(lines_of);
  for (const ContentLine& line : *lines_of) {
    EXPECT_NE(line.name, "X-EVIL");
    EXPECT_FALSE(line.name == "BEGIN" && line.value == "VALARM");
    if (line.name == "SUMMARY" && line.value.starts_with("a")) {
      EXPECT_EQ(unescaped(line.value), "a\nb\nc\nd");
    }
  }
}

TEST(Ics, IsReadByPythonsIcalendar) {
  const IcsCalendar calendar = of_each_kind();
  const auto said = ask_oracle({"icalendar"}, write_ics(calendar));
  if (!said) GTEST_SKIP() << "no python3-icalendar here";
  ASSERT_EQ(said->size(), calendar.entries.size());
  for (std::size_t i = 0; i < said->size(); ++i) {
    const IcsEntry& entry = calendar.entries[i];
    EXPECT_EQ((*said)[i], entry.uid + "|" + moment_text(entry, true) + "|" + moment_text(entry, false) + "|" +
                              std::to_string(entry.sequence) + "|" + status_text(entry) + "|" +
                              summary_text(entry));
  }
}

// libical reads the times by the VTIMEZONEs that the calendar brings.
TEST(Ics, IsReadByLibicalOverTenYears) {
  for (const IcsCalendar& calendar : {of_each_kind(), ten_years()}) {
    const auto said = ask_oracle({"libical-events"}, write_ics(calendar));
    if (!said) GTEST_SKIP() << "no libical here";
    ASSERT_EQ(said->size(), calendar.entries.size() + 1);
    EXPECT_EQ(said->front(), "0") << "errors that libical finds";
    for (std::size_t i = 1; i < said->size(); ++i) {
      const IcsEntry& entry = calendar.entries[i - 1];
      EXPECT_EQ((*said)[i], entry.uid + "|" + moment_text(entry, true) + "|" + moment_text(entry, false) +
                                "|" + summary_text(entry));
    }
  }
}

// ical.js from npm reads the times by the VTIMEZONEs too, and counts recurrences itself.
TEST(Ics, IsReadByIcalJs) {
  const TemporaryDirectory folder;
  ProcessOptions options;
  options.directory = folder.path();
  options.environment = {{"npm_config_fetch_retries", "0"}, {"npm_config_fetch_timeout", "15000"}};
  const auto packed = run_process({"npm", "pack", "--silent", "ical.js@2.2.1"}, options);
  if (!packed || packed->exit_code != 0) GTEST_SKIP() << "no npm or no network: ical.js cannot be fetched";
  ASSERT_EQ(run_process({"tar", "xzf", std::string(trim(packed->output))}, options)->exit_code, 0);
  const auto ask = [&](const std::string& text) {
    options.input = text;
    const auto script = testing::source_directory() / "src/core/calendar/testdata/ical_js.mjs";
    const auto said =
        run_process({"node", script.string(), (folder.path() / "package/dist/ical.js").string()}, options);
    EXPECT_TRUE(said && said->exit_code == 0) << (said ? said->errors : said.error().message);
    return said ? said->output : std::string();
  };
  const auto at = [](const IcsEntry& entry, bool of_start) {
    if (std::holds_alternative<DaySpan>(entry.when)) return moment_text(entry, of_start);
    const TimeSpan& span = std::get<TimeSpan>(entry.when);
    return std::to_string(seconds_of(of_start ? span.start : span.end));
  };
  for (const IcsCalendar& calendar : {of_each_kind(), ten_years()}) {
    std::string expected;
    for (const IcsEntry& entry : calendar.entries) {
      expected += entry.uid + "|" + at(entry, true) + "|" + at(entry, false) + "|" +
                  std::to_string(entry.sequence) + "|" + status_text(entry) + "|" + summary_text(entry) +
                  "\n";
    }
    EXPECT_EQ(ask(write_ics(calendar)), expected);
  }
  // What people subscribe to may recur: the occurrences that we read are those that ical.js counts.
  const auto octets = read_file(testing::source_directory() / "src/core/calendar/testdata/holidays.ics");
  ASSERT_TRUE(octets);
  const auto file = parse_ics(*octets, "holidays.ics", Zone::utc());
  ASSERT_TRUE(file) << file.error().message;
  ExpansionBudget budget;
  const auto ours = occurrences(*file, instant_at(0), instant_at(1798761600), budget);  // to 2027
  ASSERT_TRUE(ours);
  std::vector<std::string> starts;
  for (const Occurrence& one : *ours)
    starts.push_back(
        one.event->uid + "|" +
        (one.event->all_day ? utc_text(one.start).substr(0, 8) : std::to_string(seconds_of(one.start))));
  std::vector<std::string> theirs;
  const std::string said = ask(*octets);
  for (const std::string_view line : lines(said))
    theirs.emplace_back(line.substr(0, line.find('|', line.find('|') + 1)));
  std::sort(starts.begin(), starts.end());
  std::sort(theirs.begin(), theirs.end());
  EXPECT_EQ(starts, theirs);
  EXPECT_GT(starts.size(), 15U);
}

}  // namespace
}  // namespace signalbox::calendar
