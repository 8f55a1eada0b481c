#include "core/calendar/zone_rule.hpp"

#include <algorithm>
#include <array>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox::calendar {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr int kLongestAbbreviation = 16;
// Beyond these years clocks are taken to do what they do there: a calendar of std::chrono ends at 32767.
constexpr Instant kEarliest{std::chrono::sys_days(std::chrono::year(-9999) / 1 / 1)};
constexpr Instant kLatest{std::chrono::sys_days(std::chrono::year(29999) / 1 / 1)};

// Reads the text from left to right; once something does not fit, it stays failed.
class RuleReader {
 public:
  explicit RuleReader(std::string_view text) : text_(text) {}

  Result<ZoneRule> read() {
    ZoneRule rule;
    rule.standard.abbreviation = abbreviation();
    rule.standard.offset = -clock(kMaxOffsetHours);
    if (!text_.empty()) {
      Regime daylight;
      daylight.daylight = true;
      daylight.abbreviation = abbreviation();
      daylight.offset = text_.starts_with(',') ? rule.standard.offset + hours(1) : -clock(kMaxOffsetHours);
      rule.daylight = daylight;
      expect(',');
      rule.to_daylight = date();
      expect(',');
      rule.to_standard = date();
    }
    if (failed_ || !text_.empty()) return fail(ErrorKind::bad_input, "no rule of a time zone");
    return rule;
  }

 private:
  static constexpr int kMaxOffsetHours = 24;
  static constexpr int kMaxTimeHours = 167;

  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

  bool take(char c) {
    if (!text_.starts_with(c)) return false;
    text_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!take(c)) failed_ = true;
  }

  int number(int low, int high) {
    int value = 0;
    int digits = 0;
    while (!text_.empty() && is_digit(text_.front()) && digits < 4) {
      value = value * 10 + (text_.front() - '0');
      text_.remove_prefix(1);
      ++digits;
    }
    if (digits == 0 || value < low || value > high) failed_ = true;
    return failed_ ? low : value;
  }

  // Letters, or anything that offsets are made of within < >.
  std::string abbreviation() {
    const bool quoted = take('<');
    std::string out;
    while (!text_.empty()) {
      const char c = text_.front();
      if (!is_letter(c) && !(quoted && (is_digit(c) || c == '+' || c == '-'))) break;
      out.push_back(c);
      text_.remove_prefix(1);
    }
    if (quoted) expect('>');
    if (out.size() < 3 || out.size() > kLongestAbbreviation) failed_ = true;
    return out;
  }

  // [+-]h[:m[:s]]
  seconds clock(int max_hours) {
    const bool negative = take('-');
    if (!negative) take('+');
    seconds out = hours(number(0, max_hours));
    if (take(':')) out += std::chrono::minutes(number(0, 59));
    if (take(':')) out += seconds(number(0, 59));
    return negative ? -out : out;
  }

  ZoneRule::Date date() {
    ZoneRule::Date out;
    if (take('M')) {
      out.month = number(1, 12);
      expect('.');
      out.week = number(1, 5);
      expect('.');
      out.weekday = number(0, 6);
    } else if (take('J')) {
      out.form = ZoneRule::Date::Form::day_of_365;
      out.day = number(1, 365);
    } else {
      out.form = ZoneRule::Date::Form::day_of_year;
      out.day = number(0, 365);
    }
    out.time = take('/') ? clock(kMaxTimeHours) : hours(2);
    return out;
  }

  std::string_view text_;
  bool failed_ = false;
};

Day day_of(const ZoneRule::Date& date, std::chrono::year year) {
  using namespace std::chrono;
  using Form = ZoneRule::Date::Form;
  if (date.form == Form::month_week_day) {
    const month in(static_cast<unsigned>(date.month));
    const weekday on(static_cast<unsigned>(date.weekday));
    if (date.week == 5) return Day(year / in / on[last]);
    return Day(year / in / on[static_cast<unsigned>(date.week)]);
  }
  const Day first(year / January / 1);
  if (date.form == Form::day_of_year) return first + days(date.day);
  const bool after_february = year.is_leap() && date.day >= 60;
  return first + days(date.day - 1 + (after_february ? 1 : 0));
}

}  // namespace

Result<ZoneRule> parse_zone_rule(std::string_view text) {
  return RuleReader(text).read();
}

Stretch stretch_of(const ZoneRule& rule, Instant instant) {
  using namespace std::chrono;
  if (!rule.daylight) return {Instant::min(), Instant::max(), &rule.standard};
  struct Turn {
    Instant at;
    const Regime* to = nullptr;
  };
  const auto turn = [](const ZoneRule::Date& date, year in, const Regime& before, const Regime& to) {
    return Turn{Instant((day_of(date, in) + date.time).time_since_epoch() - before.offset), &to};
  };
  // Changes of the years around it: some lie up to a week beyond their year.
  const year now = year_month_day(floor<days>(std::clamp(instant, kEarliest, kLatest))).year();
  std::array<Turn, 6> turns;
  for (int i = 0; i < 3; ++i) {
    const year in = now + years(i - 1);
    turns[static_cast<std::size_t>(2 * i)] = turn(rule.to_daylight, in, rule.standard, *rule.daylight);
    turns[static_cast<std::size_t>(2 * i + 1)] = turn(rule.to_standard, in, *rule.daylight, rule.standard);
  }
  std::stable_sort(turns.begin(), turns.end(), [](const Turn& a, const Turn& b) { return a.at < b.at; });
  Stretch out{turns.front().at, turns.back().at, turns.front().to};
  for (const Turn& one : turns) {
    if (one.at > instant) {
      out.end = one.at;
      break;
    }
    out.begin = one.at;
    out.regime = one.to;
  }
  return out;
}

}  // namespace signalbox::calendar
