#include "core/calendar/date_text.hpp"

#include <array>

#include <fmt/format.h>

namespace signalbox::calendar {
namespace {

constexpr int kLatestYear = 9999;
constexpr int kMaxDigits = 6;  // of a number of a duration

// Digits from the left of `text`, exactly `count`; -1 where they are not there.
int take(std::string_view& text, std::size_t count) {
  if (text.size() < count) return -1;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

void two_digits(char* at, unsigned value) {
  at[0] = static_cast<char>('0' + value / 10 % 10);
  at[1] = static_cast<char>('0' + value % 10);
}

// Writes "20260303T100000".
void write_wall(char* at, Wall wall) {
  const Day day = std::chrono::floor<std::chrono::days>(wall);
  const std::chrono::year_month_day date(day);
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  const auto time = static_cast<unsigned>((wall - day).count());
  two_digits(at, year / 100);
  two_digits(at + 2, year);
  two_digits(at + 4, static_cast<unsigned>(date.month()));
  two_digits(at + 6, static_cast<unsigned>(date.day()));
  at[8] = 'T';
  two_digits(at + 9, time / 3600);
  two_digits(at + 11, time / 60 % 60);
  two_digits(at + 13, time % 60);
}

std::optional<Day> take_date(std::string_view& text) {
  const int year = take(text, 4);
  const int month = take(text, 2);
  const int day = take(text, 2);
  if (year < 0 || year > kLatestYear || month < 0 || day < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(unsigned(month)),
                                         std::chrono::day(unsigned(day))};
  if (!date.ok()) return std::nullopt;
  return Day(date);
}

// A number of at most `kMaxDigits` digits from the left of `text`.
std::optional<int> take_number(std::string_view& text) {
  int value = 0;
  int digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9' && digits < kMaxDigits) {
    value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  return value;
}

// Weeks and days are of the calendar, the rest is time.
void add_unit(Period& period, char unit, int value) {
  switch (unit) {
    case 'W':
      period.days += std::chrono::weeks(value);
      break;
    case 'D':
      period.days += std::chrono::days(value);
      break;
    case 'H':
      period.time += std::chrono::hours(value);
      break;
    case 'M':
      period.time += std::chrono::minutes(value);
      break;
    default:
      period.time += std::chrono::seconds(value);
      break;
  }
}

}  // namespace

std::optional<Moment> parse_moment(std::string_view text) {
  Moment out;
  const auto day = take_date(text);
  if (!day) return std::nullopt;
  out.wall = *day;
  if (text.empty()) return out;
  if (!text.starts_with('T')) return std::nullopt;
  text.remove_prefix(1);
  const int hour = take(text, 2);
  const int minute = take(text, 2);
  const int second = take(text, 2);
  const bool fits = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second <= 60;
  if (!fits) return std::nullopt;
  out.form = Moment::Form::wall;
  // A leap second is taken for the second before it, RFC 5545, 3.3.12.
  out.wall = *day + std::chrono::hours(hour) + std::chrono::minutes(minute) +
             std::chrono::seconds(std::min(second, 59));
  if (text.empty()) return out;
  if (text != "Z") return std::nullopt;
  out.form = Moment::Form::utc;
  return out;
}

std::optional<Period> parse_period(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (!text.starts_with('P')) return std::nullopt;
  text.remove_prefix(1);
  Period out;
  constexpr std::string_view kOrder = "WDTHMS";
  std::size_t place = 0;  // how far in kOrder: units come once, in this order
  bool in_time = false;
  bool any = false;
  while (!text.empty()) {
    if (text.front() == 'T' && !in_time) {
      in_time = true;
      place = kOrder.find('T') + 1;
      text.remove_prefix(1);
      any = false;
      continue;
    }
    const auto value = take_number(text);
    if (!value || text.empty()) return std::nullopt;
    const std::size_t unit = kOrder.find(text.front());
    if (unit == std::string_view::npos || unit < place || (unit > kOrder.find('T')) != in_time)
      return std::nullopt;
    place = unit + 1;
    text.remove_prefix(1);
    any = true;
    add_unit(out, kOrder[unit], *value);
  }
  if (!any) return std::nullopt;
  if (negative) out = {-out.days, -out.time};
  return out;
}

std::optional<Wall> parse_iso_wall(std::string_view text) {
  // As RFC 5545 writes it, without what stands between the numbers.
  std::string compact;
  constexpr std::string_view kForm = "0000-00-00T00:00:00";
  if (text.size() != 10 && text.size() != 16 && text.size() != kForm.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kForm[i] == '0' || kForm[i] == 'T') {
      compact += text[i];
    } else if (text[i] != kForm[i]) {
      return std::nullopt;
    }
  }
  if (text.size() == 16) compact += "00";
  const auto moment = parse_moment(compact);
  if (!moment || moment->form == Moment::Form::utc) return std::nullopt;
  return moment->wall;
}

std::optional<Period> parse_short_period(std::string_view text) {
  Period out;
  constexpr std::string_view kUnits = "wdhms";
  std::size_t place = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    const auto value = take_number(text);
    const std::size_t unit = text.empty() ? std::string_view::npos : kUnits.find(text.front());
    if (!value || unit == std::string_view::npos || unit < place) return std::nullopt;
    place = unit + 1;
    text.remove_prefix(1);
    add_unit(out, static_cast<char>(kUnits[unit] - 'a' + 'A'), *value);
  }
  return out;
}

Instant after(Wall start, const Period& period, const Zone& zone) {
  return zone.to_utc(start + period.days) + period.time;
}

std::string date_text(Wall wall) {
  return wall_text(wall).substr(0, 8);
}

std::string wall_text(Wall wall) {
  std::string out;
  append_wall(out, wall);
  return out;
}

void append_wall(std::string& out, Wall wall) {
  std::array<char, 15> text{};
  write_wall(text.data(), wall);
  out.append(text.data(), text.size());
}

std::string utc_text(Instant instant) {
  return wall_text(Wall(instant.time_since_epoch())) + 'Z';
}

std::string offset_text(std::chrono::seconds offset) {
  const auto size = std::chrono::abs(offset).count();
  std::string out = fmt::format("{}{:02}{:02}", offset.count() < 0 ? '-' : '+', size / 3600, size / 60 % 60);
  if (size % 60 != 0) out += fmt::format("{:02}", size % 60);
  return out;
}

}  // namespace signalbox::calendar
