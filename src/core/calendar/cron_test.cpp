#include "core/calendar/cron.hpp"

#include <gtest/gtest.h>

#include "core/calendar/oracle_fixture.hpp"

namespace signalbox::calendar {
namespace {

const Instant kFrom{std::chrono::sys_days(std::chrono::year(2026) / 1 / 1)};
const Instant kUntil{std::chrono::sys_days(std::chrono::year(2027) / 1 / 1)};

struct Case {
  const char* text;
  const char* zone;
};

std::vector<Instant> fires_of(const Cron& cron, Instant from, Instant until) {
  std::vector<Instant> out;
  for (auto fire = next_fire(cron, from - std::chrono::seconds(1)); fire && *fire < until;
       fire = next_fire(cron, *fire))
    out.push_back(*fire);
  return out;
}

// The other implementation looks at each minute of the wall clock.
TEST(CronFires, WhenTheMinutesOfTheWallClockFit) {
  constexpr Case kCases[] = {{"0 18 * * 5", "Europe/Berlin"},
                             {"30 2 * * *", "Europe/Berlin"},
                             {"*/20 1-3 * 3,10 SUN", "Europe/Berlin"},
                             {"0 0 1,15 * 1", "America/New_York"},
                             {"15 2 * * *", "Australia/Lord_Howe"},
                             {"0 23 31 * *", "UTC"},
                             {"0 0 29 2 *", "UTC"},
                             {"5/25 4 1-31/10 jan-jun 7", "Africa/Casablanca"},
                             {"0 9 * * MON-FRI", "Asia/Kolkata"},
                             {"0 12 * * sat-sun", "Pacific/Chatham"},
                             {"0 6 */7 * */3", "America/New_York"}};
  for (const Case& one : kCases) {
    const auto zone = read_zone(one.zone);
    ASSERT_TRUE(zone);
    const auto cron = parse_cron(one.text, *zone);
    ASSERT_TRUE(cron) << one.text << ": " << cron.error().message;
    const auto expected = ask_oracle(
        {"cron", one.text, one.zone, std::to_string(seconds_of(kFrom)), std::to_string(seconds_of(kUntil))});
    if (!expected) GTEST_SKIP() << "no python3 here";
    std::vector<std::string> ours;
    for (const Instant fire : fires_of(*cron, kFrom, kUntil))
      ours.push_back(std::to_string(seconds_of(fire)));
    EXPECT_EQ(ours, *expected) << one.text << " " << one.zone;
  }
}

TEST(CronFires, BackwardsAsForwards) {
  for (const char* text : {"30 2 * * *", "*/20 1-3 * 3,10 SUN", "0 18 * * 5"}) {
    const auto cron = parse_cron(text, read_zone("Europe/Berlin").value());
    ASSERT_TRUE(cron);
    const std::vector<Instant> fires = fires_of(*cron, kFrom, kUntil);
    ASSERT_GT(fires.size(), 10U);
    for (std::size_t i = 1; i < fires.size(); ++i) {
      EXPECT_EQ(last_fire(*cron, fires[i]), fires[i]) << text;
      EXPECT_EQ(last_fire(*cron, fires[i] - std::chrono::seconds(1)), fires[i - 1]) << text;
    }
  }
}

TEST(CronFires, OnTheTwentyNinthOfFebruaryAfterEightYears) {
  const auto cron = parse_cron("0 0 29 2 *", Zone::utc());
  ASSERT_TRUE(cron);
  const Instant last = Instant(std::chrono::sys_days(std::chrono::year(2096) / 2 / 29));
  const Instant next = Instant(std::chrono::sys_days(std::chrono::year(2104) / 2 / 29));
  EXPECT_EQ(next_fire(*cron, last), next);
  EXPECT_EQ(last_fire(*cron, next - std::chrono::seconds(1)), last);
}

TEST(CronFires, ByAliases) {
  const auto daily = parse_cron(" @Daily", Zone::utc());
  const auto weekly = parse_cron("@weekly", Zone::utc());
  ASSERT_TRUE(daily && weekly);
  EXPECT_EQ(utc_text(*next_fire(*daily, kFrom)), "20260102T000000Z");
  EXPECT_EQ(utc_text(*next_fire(*weekly, kFrom)), "20260104T000000Z");  // a Sunday
}

TEST(Cron, ThatIsNoneIsRefusedWithItsColumn) {
  struct Wrong {
    const char* text;
    const char* message;
  };
  constexpr Wrong kWrong[] = {
      {"", "column 1: cron has five fields, and here are 0"},
      {"0 18 * *", "column 1: cron has five fields, and here are 4"},
      {"0 0 18 * * 5", "column 12: cron has five fields, and here are 6"},
      {"60 * * * *", "column 1: `60` is no minute"},
      {"0 24 * * *", "column 3: `24` is no hour"},
      {"0 0 0 * *", "column 5: `0` is no day of the month"},
      {"0 0 1 foo *", "column 7: `foo` is no month"},
      {"0 0 1 * 8", "column 9: `8` is no day of the week"},
      {"0 0 1 * mon-", "column 13: `` is no day of the week"},
      {"*/0 * * * *", "column 3: `0` is no step"},
      {"*/5/5 * * * *", "column 5: a second step"},
      {"0 22-4 * * *", "column 3: the range 22-4 goes backwards"},
      {"0,,5 * * * *", "column 3: an empty part of a list"},
      {"0 0 30 2 *", "column 5: none of its months has such a day: it would never fire"},
      {"0 0 31 4,6,9,11 *", "column 5: none of its months has such a day: it would never fire"},
      {"-5 * * * *", "column 1: `` is no minute"},
      {"0 0 L * *", "column 5: `L` is no day of the month"}};
  for (const Wrong& one : kWrong) {
    const auto cron = parse_cron(one.text, Zone::utc());
    ASSERT_FALSE(cron) << one.text;
    EXPECT_EQ(cron.error().message, one.message) << one.text;
  }
  EXPECT_TRUE(parse_cron("0 0 30 2 1", Zone::utc())) << "Mondays of February are enough";
}

}  // namespace
}  // namespace signalbox::calendar
