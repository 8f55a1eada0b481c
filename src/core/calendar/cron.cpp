#include "core/calendar/cron.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::calendar {
namespace {

using std::chrono::days;

constexpr std::size_t kMaxCronBytes = 500;
// From February 29, 2096 to the next one it takes eight years: no day comes rarer.
constexpr days kLongestWait{9 * 366};
// Clocks of a zone skip a day at most (Samoa, December 30, 2011), so a fire of one day of the calendar may
// come after those of the next.
constexpr days kFarthestSkip{2};

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDays = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Alias {
  std::string_view name, fields;
};
constexpr Alias kAliases[] = {
    {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}};

struct Field {
  std::string_view name;
  int low = 0, high = 0;
  const std::string_view* words = nullptr;  // names of low, low + 1, …
  std::size_t word_count = 0;
};
const std::array<Field, 5> kFields = {{{"minute", 0, 59, nullptr, 0},
                                       {"hour", 0, 23, nullptr, 0},
                                       {"day of the month", 1, 31, nullptr, 0},
                                       {"month", 1, 12, kMonths.data(), kMonths.size()},
                                       {"day of the week", 0, 7, kDays.data(), kDays.size()}}};

struct Token {
  std::string_view text;
  std::size_t column = 1;  // from 1
};

tl::unexpected<Error> wrong(const Token& token, std::string_view what, std::string hint = {}) {
  return fail(ErrorKind::bad_input, fmt::format("column {}: {}", token.column, what), std::move(hint));
}

std::vector<Token> tokens_of(std::string_view text, char separator, std::size_t column) {
  std::vector<Token> out;
  for (const std::string_view part : split(text, separator)) {
    out.push_back({part, column});
    column += part.size() + 1;
  }
  return out;
}

std::vector<Token> fields_of(std::string_view text) {
  std::vector<Token> out;
  for (const Token& token : tokens_of(text, ' ', 1)) {
    if (!token.text.empty()) out.push_back(token);
  }
  return out;
}

Result<int> parse_value(const Token& token, const Field& field) {
  const std::string word = to_lower(token.text);
  for (std::size_t i = 0; i < field.word_count; ++i) {
    if (word == field.words[i]) return field.low + static_cast<int>(i);
  }
  const auto number = token.text.size() <= 2 ? parse_integer(token.text) : std::nullopt;
  if (number && *number >= field.low && *number <= field.high) return static_cast<int>(*number);
  return wrong(token, fmt::format("`{}` is no {}", printable(token.text), field.name),
               fmt::format("{} to {}", field.low, field.high));
}

// `*`, `a`, `a-b`, each with `/step`. `a/step` goes on to the end of the field.
template <std::size_t N>
Status parse_part(const Token& token, const Field& field, std::bitset<N>& out) {
  const std::vector<Token> stepped = tokens_of(token.text, '/', token.column);
  if (stepped.size() > 2) return wrong(stepped[2], "a second step", "*/15");
  int step = 1;
  if (stepped.size() == 2) {
    const auto number = stepped[1].text.size() <= 2 ? parse_integer(stepped[1].text) : std::nullopt;
    if (!number || *number < 1 || *number > field.high)
      return wrong(stepped[1], fmt::format("`{}` is no step", printable(stepped[1].text)),
                   fmt::format("1 to {}", field.high));
    step = static_cast<int>(*number);
  }
  int low = field.low;
  int high = field.high;
  if (stepped[0].text != "*") {
    const std::vector<Token> ends = tokens_of(stepped[0].text, '-', stepped[0].column);
    if (ends.size() > 2) return wrong(ends[2], "a range has two ends", "1-5");
    SIGNALBOX_TRY(low, parse_value(ends[0], field));
    if (stepped.size() == 1) high = low;
    if (ends.size() == 2) {
      SIGNALBOX_TRY(high, parse_value(ends[1], field));
      // SAT-SUN, FRI-0
      if (high == 0 && low > 0 && field.high == 7) high = 7;
    }
    if (high < low) {
      return wrong(ends[0], fmt::format("the range {} goes backwards", printable(stepped[0].text)),
                   "write two ranges, as 22-23,0-4");
    }
  } else if (field.high == 7) {
    high = 6;  // not Sunday twice: */2 is Sunday, Tuesday, Thursday, Saturday
  }
  for (int value = low; value <= high; value += step) {
    out.set(static_cast<std::size_t>(field.high == 7 ? value % 7 : value));
  }
  return {};
}

template <std::size_t N>
Status parse_field(const Token& token, const Field& field, std::bitset<N>& out) {
  for (const Token& part : tokens_of(token.text, ',', token.column)) {
    if (part.text.empty()) return wrong(part, "an empty part of a list");
    SIGNALBOX_CHECK(parse_part(part, field, out));
  }
  return {};
}

bool fires_on(const Cron& cron, Day day) {
  const std::chrono::year_month_day date(day);
  if (!cron.months.test(static_cast<unsigned>(date.month()))) return false;
  const bool of_month = cron.days_of_month.test(static_cast<unsigned>(date.day()));
  const bool of_week = cron.days_of_week.test(std::chrono::weekday(day).c_encoding());
  if (cron.any_day_of_month) return cron.any_day_of_week || of_week;
  if (cron.any_day_of_week) return of_month;
  return of_month || of_week;
}

Day day_of(Wall wall) {
  return std::chrono::floor<days>(wall);
}

// Calls `see` with each fire of a day, in the order of the clock.
template <class See>
void each_fire(const Cron& cron, Day day, See&& see) {
  if (!fires_on(cron, day)) return;
  for (std::size_t hour = 0; hour < cron.hours.size(); ++hour) {
    if (!cron.hours.test(hour)) continue;
    for (std::size_t minute = 0; minute < cron.minutes.size(); ++minute) {
      if (!cron.minutes.test(minute)) continue;
      see(cron.zone.to_utc(day + std::chrono::hours(hour) + std::chrono::minutes(minute)));
    }
  }
}

bool ever_fires(const Cron& cron) {
  if (!cron.any_day_of_week || cron.any_day_of_month) return true;
  constexpr std::array<unsigned, 13> kLongest = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (unsigned month = 1; month <= 12; ++month) {
    if (!cron.months.test(month)) continue;
    for (unsigned day = 1; day <= kLongest[month]; ++day) {
      if (cron.days_of_month.test(day)) return true;
    }
  }
  return false;
}

}  // namespace

Result<Cron> parse_cron(std::string_view text, Zone zone) {
  Cron cron;
  cron.text = std::string(text);
  cron.zone = std::move(zone);
  if (text.size() > kMaxCronBytes) return wrong({text, 1}, fmt::format("more than {} bytes", kMaxCronBytes));
  std::string plain(text);
  std::replace(plain.begin(), plain.end(), '\t', ' ');
  for (const Alias& alias : kAliases) {
    if (to_lower(trim(plain)) == alias.name) plain = std::string(alias.fields);
  }
  const std::vector<Token> fields = fields_of(plain);
  if (fields.size() != kFields.size()) {
    return wrong(fields.size() > kFields.size() ? fields[kFields.size()] : Token{plain, 1},
                 fmt::format("cron has five fields, and here are {}", fields.size()),
                 "minute hour day-of-month month day-of-week, as `0 18 * * 5`");
  }
  SIGNALBOX_CHECK(parse_field(fields[0], kFields[0], cron.minutes));
  SIGNALBOX_CHECK(parse_field(fields[1], kFields[1], cron.hours));
  SIGNALBOX_CHECK(parse_field(fields[2], kFields[2], cron.days_of_month));
  SIGNALBOX_CHECK(parse_field(fields[3], kFields[3], cron.months));
  SIGNALBOX_CHECK(parse_field(fields[4], kFields[4], cron.days_of_week));
  cron.any_day_of_month = fields[2].text == "*";
  cron.any_day_of_week = fields[4].text == "*";
  if (!ever_fires(cron)) return wrong(fields[2], "none of its months has such a day: it would never fire");
  return cron;
}

std::optional<Instant> next_fire(const Cron& cron, Instant after) {
  std::optional<Instant> found;
  Day day = day_of(cron.zone.to_wall(after)) - kFarthestSkip;
  Day stop = day + kLongestWait;
  for (; day <= stop; day += days(1)) {
    each_fire(cron, day, [&](Instant fire) {
      if (fire <= after || (found && fire >= *found)) return;
      if (!found) stop = std::min(stop, day + kFarthestSkip);
      found = fire;
    });
  }
  return found;
}

std::optional<Instant> last_fire(const Cron& cron, Instant no_later) {
  std::optional<Instant> found;
  Day day = day_of(cron.zone.to_wall(no_later)) + kFarthestSkip;
  Day stop = day - kLongestWait;
  for (; day >= stop; day -= days(1)) {
    each_fire(cron, day, [&](Instant fire) {
      if (fire > no_later || (found && fire <= *found)) return;
      if (!found) stop = std::max(stop, day - kFarthestSkip);
      found = fire;
    });
  }
  return found;
}

}  // namespace signalbox::calendar
