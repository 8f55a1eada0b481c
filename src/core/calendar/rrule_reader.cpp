#include <algorithm>
#include <array>
#include <set>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/calendar/date_text.hpp"
#include "core/calendar/rrule.hpp"

namespace signalbox::calendar {
namespace {

constexpr std::size_t kMaxRuleBytes = 4000;
constexpr std::size_t kMaxListItems = 400;
constexpr int kMaxInterval = 100'000;
constexpr int kMaxCount = 1'000'000;

constexpr std::array<std::string_view, 7> kFrequencies = {"SECONDLY", "MINUTELY", "HOURLY", "DAILY",
                                                          "WEEKLY",   "MONTHLY",  "YEARLY"};
constexpr std::array<std::string_view, 7> kDays = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};

// A part of the rule, and where it stands.
struct Part {
  std::string name;  // upper case
  std::string_view value;
  std::size_t column = 1;        // of the name, from 1
  std::size_t value_column = 1;  // of the value
};

std::string to_upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

tl::unexpected<Error> wrong(std::size_t column, std::string_view what, std::string hint = {}) {
  return fail(ErrorKind::bad_input, fmt::format("column {}: {}", column, what), std::move(hint));
}

Result<std::vector<Part>> parts_of(std::string_view text) {
  std::vector<Part> out;
  std::size_t column = 1;
  for (const std::string_view piece : split(text, ';')) {
    const std::size_t equals = piece.find('=');
    if (equals == std::string_view::npos)
      return wrong(column, fmt::format("`{}` is no part of a rule", printable(piece)),
                   "as FREQ=MONTHLY;BYDAY=1TU");
    out.push_back({to_upper(piece.substr(0, equals)), piece.substr(equals + 1), column, column + equals + 1});
    column += piece.size() + 1;
  }
  return out;
}

// Digits alone: no sign, no more than fit.
std::optional<int> digits(std::string_view text) {
  if (text.empty() || text.size() > 7) return std::nullopt;
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::optional<int> signed_digits(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  const auto value = digits(text);
  if (!value) return std::nullopt;
  return negative ? -*value : *value;
}

struct Bounds {
  int low = 0, high = 0;
  enum class Sign { none, either } sign = Sign::none;  // either: -high to -low too
};

Result<std::vector<int>> parse_numbers(const Part& part, const Bounds& bounds) {
  std::set<int> out;
  std::size_t column = part.value_column;
  for (const std::string_view item : split(part.value, ',')) {
    const bool either = bounds.sign == Bounds::Sign::either;
    const auto value = either ? signed_digits(item) : digits(item);
    const int size = value ? (either ? std::abs(*value) : *value) : -1;
    if (!value || size < bounds.low || size > bounds.high)
      return wrong(column, fmt::format("`{}` does not go with {}", printable(item), part.name),
                   fmt::format("{} to {}{}", bounds.low, bounds.high, either ? ", or negative" : ""));
    out.insert(*value);
    column += item.size() + 1;
  }
  if (out.size() > kMaxListItems) return wrong(part.value_column, "a list that is too long");
  return std::vector<int>(out.begin(), out.end());
}

std::optional<std::chrono::weekday> weekday_from(std::string_view text) {
  const auto found = std::find(kDays.begin(), kDays.end(), to_upper(text));
  if (found == kDays.end()) return std::nullopt;
  return std::chrono::weekday(static_cast<unsigned>(found - kDays.begin()));
}

Result<std::vector<DayOfWeek>> parse_days(const Part& part) {
  std::vector<DayOfWeek> out;
  std::size_t column = part.value_column;
  for (const std::string_view item : split(part.value, ',')) {
    const std::string_view number = item.substr(0, item.size() - std::min<std::size_t>(2, item.size()));
    const auto day = weekday_from(item.substr(number.size()));
    const auto nth = number.empty() ? std::optional(0) : signed_digits(number);
    const bool fits = day && nth && (number.empty() || (*nth != 0 && std::abs(*nth) <= 53));
    if (!fits)
      return wrong(column, fmt::format("`{}` is no day of the week", printable(item)), "MO, 1TU, -1FR");
    out.push_back({*nth, *day});
    column += item.size() + 1;
  }
  if (out.size() > kMaxListItems) return wrong(part.value_column, "a list that is too long");
  return out;
}

Result<int> parse_number(const Part& part, int high) {
  const auto value = digits(part.value);
  if (!value || *value < 1 || *value > high)
    return wrong(part.value_column, fmt::format("`{}` does not go with {}", printable(part.value), part.name),
                 fmt::format("1 to {}", high));
  return *value;
}

Status parse_until(const Part& part, Rrule& rule) {
  const auto moment = parse_moment(part.value);
  if (!moment)
    return wrong(part.value_column, fmt::format("`{}` is no date and no time", printable(part.value)),
                 "20261231T235959Z");
  if (moment->form == Moment::Form::utc) {
    rule.until = Instant(moment->wall.time_since_epoch());
  } else if (moment->form == Moment::Form::date) {
    rule.until = moment->wall + std::chrono::days(1) - std::chrono::seconds(1);
  } else {
    rule.until = moment->wall;
  }
  return {};
}

Status parse_frequency(const Part& part, Rrule& rule) {
  const auto found = std::find(kFrequencies.begin(), kFrequencies.end(), to_upper(part.value));
  if (found == kFrequencies.end())
    return wrong(part.value_column, fmt::format("`{}` is no frequency", printable(part.value)),
                 "DAILY, WEEKLY, MONTHLY or YEARLY; also HOURLY, MINUTELY, SECONDLY");
  rule.frequency = static_cast<Frequency>(found - kFrequencies.begin());
  return {};
}

Status parse_list(const Part& part, std::vector<int>& out, const Bounds& bounds) {
  SIGNALBOX_TRY(out, parse_numbers(part, bounds));
  return {};
}

Status parse_part(const Part& part, Rrule& rule) {
  using Sign = Bounds::Sign;
  if (part.name == "FREQ") return parse_frequency(part, rule);
  if (part.name == "UNTIL") return parse_until(part, rule);
  if (part.name == "BYSECOND") {
    SIGNALBOX_CHECK(parse_list(part, rule.seconds, {0, 60}));
    // A leap second is that before it here.
    if (!rule.seconds.empty() && rule.seconds.back() == 60) rule.seconds.back() = 59;
    rule.seconds.erase(std::unique(rule.seconds.begin(), rule.seconds.end()), rule.seconds.end());
    return {};
  }
  if (part.name == "BYMINUTE") return parse_list(part, rule.minutes, {0, 59});
  if (part.name == "BYHOUR") return parse_list(part, rule.hours, {0, 23});
  if (part.name == "BYMONTHDAY") return parse_list(part, rule.month_days, {1, 31, Sign::either});
  if (part.name == "BYYEARDAY") return parse_list(part, rule.year_days, {1, 366, Sign::either});
  if (part.name == "BYWEEKNO") return parse_list(part, rule.weeks, {1, 53, Sign::either});
  if (part.name == "BYMONTH") return parse_list(part, rule.months, {1, 12});
  if (part.name == "BYSETPOS") return parse_list(part, rule.positions, {1, 366, Sign::either});
  if (part.name == "BYDAY") {
    SIGNALBOX_TRY(rule.days, parse_days(part));
    return {};
  }
  if (part.name == "INTERVAL") {
    SIGNALBOX_TRY(rule.interval, parse_number(part, kMaxInterval));
    return {};
  }
  if (part.name == "COUNT") {
    SIGNALBOX_TRY(rule.count, parse_number(part, kMaxCount));
    return {};
  }
  if (part.name == "WKST") {
    const auto day = weekday_from(part.value);
    if (!day) return wrong(part.value_column, "WKST is a day of the week", "WKST=MO");
    rule.week_start = *day;
    return {};
  }
  return wrong(part.column, fmt::format("`{}` is not known here", printable(part.name)),
               "parts are FREQ, INTERVAL, COUNT, UNTIL, WKST, BYMONTH, BYDAY and the others of RFC 5545");
}

// What RFC 5545, 3.3.10 says must not be.
Status check_whole(const Rrule& rule, const std::vector<Part>& parts) {
  const auto column_of = [&](std::string_view name) {
    for (const Part& part : parts) {
      if (part.name == name) return part.column;
    }
    return std::size_t{1};
  };
  const Frequency frequency = rule.frequency;
  if (rule.count && !std::holds_alternative<std::monostate>(rule.until))
    return wrong(column_of("COUNT"), "COUNT and UNTIL exclude each other");
  if (!rule.weeks.empty() && frequency != Frequency::yearly)
    return wrong(column_of("BYWEEKNO"), "BYWEEKNO goes with FREQ=YEARLY alone");
  if (!rule.month_days.empty() && frequency == Frequency::weekly)
    return wrong(column_of("BYMONTHDAY"), "BYMONTHDAY does not go with FREQ=WEEKLY");
  const bool without_year_days =
      frequency == Frequency::daily || frequency == Frequency::weekly || frequency == Frequency::monthly;
  if (!rule.year_days.empty() && without_year_days)
    return wrong(column_of("BYYEARDAY"), "BYYEARDAY does not go with FREQ=DAILY, WEEKLY and MONTHLY");
  const bool numbered =
      std::any_of(rule.days.begin(), rule.days.end(), [](const DayOfWeek& day) { return day.nth != 0; });
  if (numbered && frequency != Frequency::monthly && frequency != Frequency::yearly)
    return wrong(column_of("BYDAY"), "numbered days go with FREQ=MONTHLY and YEARLY alone");
  if (numbered && !rule.weeks.empty())
    return wrong(column_of("BYDAY"), "numbered days do not go with BYWEEKNO");
  const bool selects = !rule.seconds.empty() || !rule.minutes.empty() || !rule.hours.empty() ||
                       !rule.days.empty() || !rule.month_days.empty() || !rule.year_days.empty() ||
                       !rule.weeks.empty() || !rule.months.empty();
  if (!rule.positions.empty() && !selects)
    return wrong(column_of("BYSETPOS"), "BYSETPOS chooses among what other BY parts give, and there is none");
  return {};
}

}  // namespace

Result<Rrule> parse_rrule(std::string_view text) {
  Rrule rule;
  rule.text = std::string(text);
  if (text.size() > kMaxRuleBytes) return wrong(1, fmt::format("more than {} bytes", kMaxRuleBytes));
  SIGNALBOX_TRY(const std::vector<Part> parts, parts_of(text));
  std::set<std::string> seen;
  for (const Part& part : parts) {
    if (!seen.insert(part.name).second) return wrong(part.column, fmt::format("{} stands twice", part.name));
    SIGNALBOX_CHECK(parse_part(part, rule));
  }
  if (seen.count("FREQ") == 0) return wrong(1, "a rule says how often", "FREQ=MONTHLY;BYDAY=1TU");
  SIGNALBOX_CHECK(check_whole(rule, parts));
  return rule;
}

}  // namespace signalbox::calendar
