// Cron: five fields that say when, by the clocks of a zone.
#pragma once

#include <bitset>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/calendar/zone.hpp"

namespace signalbox::calendar {

// `minute hour day-of-month month day-of-week`. Where both days are restricted, one of them is enough, as in
// crontab(5) and GitLab.
struct Cron {
  std::string text;  // as it was written
  std::bitset<60> minutes;
  std::bitset<24> hours;
  std::bitset<32> days_of_month;  // 1 to 31
  std::bitset<13> months;         // 1 to 12
  std::bitset<7> days_of_week;    // 0: Sunday
  bool any_day_of_month = false;  // `*`
  bool any_day_of_week = false;
  Zone zone = Zone::utc();
};

// Fields of `*`, numbers, ranges, steps and lists; names of months and days in English, three letters; 0 and
// 7 are Sunday; @hourly @daily @midnight @weekly @monthly @yearly @annually. One that never fires (February
// 30) is bad_input. The message of an error starts with the column, from 1: "column 5: …".
Result<Cron> parse_cron(std::string_view text, Zone zone);

// A wall time that clocks skip fires when they have skipped it by as much; one that they show twice fires the
// first time.
std::optional<Instant> next_fire(const Cron& cron, Instant after);     // strictly after
std::optional<Instant> last_fire(const Cron& cron, Instant no_later);  // at or before

}  // namespace signalbox::calendar
