#include "core/base/clock.hpp"

#include <array>
#include <optional>

#include <fmt/core.h>

#include "core/base/text.hpp"

namespace signalbox {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Duration kMaxDuration = days{36'525};  // a hundred years

// Reads exactly `digits` decimal digits at the front of `text` and drops them.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// ".123456" → 123 ms; nothing → 0; a dot without digits → nullopt.
std::optional<int> take_fraction_ms(std::string_view& text) {
  if (!take(text, ".")) return 0;
  int value = 0;
  std::size_t digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 3) value = value * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (; digits < 3; ++digits) value *= 10;
  return value;
}

std::optional<minutes> take_offset(std::string_view& text) {
  if (take(text, "Zz")) return minutes{0};
  const bool west = !text.empty() && text.front() == '-';
  if (!take(text, "+-")) return std::nullopt;
  const auto h = take_number(text, 2);
  if (!h || !take(text, ":")) return std::nullopt;
  const auto m = take_number(text, 2);
  if (!m || *h > 23 || *m > 59) return std::nullopt;
  const minutes offset = hours{*h} + minutes{*m};
  return west ? -offset : offset;
}

}  // namespace

Time SystemClock::now() const {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

std::string to_rfc3339(Time time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (const auto ms = clock.subseconds().count(); ms != 0) out += fmt::format(".{:03}", ms);
  return out + "Z";
}

Result<Time> parse_rfc3339(std::string_view text) {
  const auto wrong = [whole = std::string(text)] {
    return fail(ErrorKind::bad_input, fmt::format("'{}' is not a time", printable(whole)),
                "write it as RFC 3339 says, for instance 2026-03-03T09:00:00Z or 2026-03-03T10:00:00+01:00");
  };
  const auto year = take_number(text, 4);
  if (!year || !take(text, "-")) return wrong();
  const auto month = take_number(text, 2);
  if (!month || !take(text, "-")) return wrong();
  const auto day = take_number(text, 2);
  if (!day || !take(text, "Tt ")) return wrong();
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ":")) return wrong();
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ":")) return wrong();
  const auto second = take_number(text, 2);
  if (!second) return wrong();
  const auto fraction = take_fraction_ms(text);
  if (!fraction) return wrong();
  const auto offset = take_offset(text);
  if (!offset || !text.empty()) return wrong();
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *year < 1970 || *hour > 23 || *minute > 59 || *second > 60) return wrong();
  const Time time = std::chrono::sys_days{date} + hours{*hour} + minutes{*minute} + seconds{*second} +
                    std::chrono::milliseconds{*fraction} - *offset;
  constexpr Time kEnd = std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1};
  if (time < Time{} || time >= kEnd) return wrong();
  return time;
}

Result<Duration> parse_duration(std::string_view text) {
  const auto wrong = [whole = std::string(text)] {
    return fail(ErrorKind::bad_input, fmt::format("'{}' is not a duration", printable(whole)),
                "write for instance 90s, 15m, 24h, 7d, 2w or 1h30m");
  };
  Duration total{0};
  if (text.empty()) return wrong();
  while (!text.empty()) {
    long long value = 0;
    std::size_t digits = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9' && digits < 9) {
      value = value * 10 + (text.front() - '0');
      ++digits;
      text.remove_prefix(1);
    }
    if (digits == 0 || text.empty()) return wrong();
    const char unit = text.front();
    text.remove_prefix(1);
    if (unit == 'm' && !text.empty() && text.front() == 's') {
      text.remove_prefix(1);
      total += Duration{value};
      continue;
    }
    if (total > kMaxDuration) return wrong();
    switch (unit) {
      case 's':
        total += seconds{value};
        break;
      case 'm':
        total += minutes{value};
        break;
      case 'h':
        total += hours{value};
        break;
      case 'd':
        total += days{value};
        break;
      case 'w':
        total += days{7 * value};
        break;
      default:
        return wrong();
    }
  }
  if (total <= Duration{0} || total > kMaxDuration) return wrong();
  return total;
}

std::string to_text(Duration duration) {
  if (duration < Duration{0}) return "-" + to_text(-duration);
  long long rest = std::chrono::floor<seconds>(duration).count();
  struct Unit {
    long long size_s;
    const char* suffix;
  };
  constexpr std::array<Unit, 4> units{{{86'400, "d"}, {3'600, "h"}, {60, "m"}, {1, "s"}}};
  std::string out;
  int shown = 0;
  for (const Unit& unit : units) {
    const long long count = rest / unit.size_s;
    rest %= unit.size_s;
    if (count == 0 && shown == 0) continue;
    if (count != 0) out += fmt::format("{}{}{}", out.empty() ? "" : " ", count, unit.suffix);
    if (++shown == 2) break;
  }
  return out.empty() ? "0s" : out;
}

}  // namespace signalbox
