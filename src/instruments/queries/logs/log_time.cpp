#include <algorithm>
#include <cstring>

#include "instruments/queries/logs/log_record.hpp"

namespace signalbox::queries {
namespace {

struct Zone {
  std::string_view name;
  int minutes;
};
// Of PostgreSQL's timezonesets/Default, those that no other zone in it shares.
constexpr Zone kZones[] = {{"UTC", 0},    {"GMT", 0},    {"Z", 0},      {"WET", 0},    {"CET", 60},
                           {"CEST", 120}, {"EET", 120},  {"EEST", 180}, {"MSK", 180},  {"EST", -300},
                           {"EDT", -240}, {"CST", -360}, {"CDT", -300}, {"MST", -420}, {"MDT", -360},
                           {"PST", -480}, {"PDT", -420}, {"JST", 540},  {"KST", 540},  {"AEST", 600},
                           {"AEDT", 660}, {"NZST", 720}, {"NZDT", 780}};

// A number of exactly `digits` digits at the front, taken off; -1 where there is none.
int take_number(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return -1;
  int out = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    out = out * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return out;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

// Minutes east of UTC of "+02", "-03:30", "+0530".
bool numeric_zone(std::string_view text, int& minutes) {
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const int hours = take_number(text, 2);
  if (hours < 0 || hours > 15) return false;
  take(text, ':');
  const int rest = text.empty() ? 0 : take_number(text, 2);
  if (rest < 0 || rest > 59 || !text.empty()) return false;
  minutes = sign * (hours * 60 + rest);
  return true;
}

}  // namespace

bool parse_log_time(std::string_view text, LogRecord& record) {
  const int year = take_number(text, 4);
  if (year < 0 || !take(text, '-')) return false;
  const int month = take_number(text, 2);
  if (month < 1 || !take(text, '-')) return false;
  const int day = take_number(text, 2);
  if (day < 1 || (!take(text, ' ') && !take(text, 'T'))) return false;
  const int hour = take_number(text, 2);
  if (hour < 0 || hour > 23 || !take(text, ':')) return false;
  const int minute = take_number(text, 2);
  if (minute < 0 || minute > 59 || !take(text, ':')) return false;
  const int second = take_number(text, 2);
  if (second < 0 || second > 60) return false;
  int milliseconds = 0;
  if (take(text, '.') || take(text, ',')) {
    int scale = 100;
    bool any = false;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      milliseconds += scale * (text.front() - '0');
      scale /= 10;
      any = true;
      text.remove_prefix(1);
    }
    if (!any) return false;
  }
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return false;
  take(text, ' ');
  int zone = 0;
  bool guessed = false;
  if (!text.empty() && !numeric_zone(text, zone)) {
    const auto* const known = std::find_if(std::begin(kZones), std::end(kZones),
                                           [&](const Zone& each) { return each.name == text; });
    guessed = known == std::end(kZones);
    if (!guessed) zone = known->minutes;
  }
  record.at = Time(std::chrono::sys_days(date)) + std::chrono::hours(hour) +
              std::chrono::minutes(minute - zone) + std::chrono::seconds(second) + Duration(milliseconds);
  record.zone_guessed = guessed;
  return true;
}

bool LogTimes::read(std::string_view text, LogRecord& record) {
  const auto digit = [&](std::size_t at) { return static_cast<unsigned char>(text[at] - '0'); };
  const bool has_shape = text.size() >= kZone && text.size() <= kLongest && digit(kMinute) < 6 &&
                         digit(kMinute + 1) < 10 && text[kMinute + 2] == '.' && digit(kMinute + 3) < 10 &&
                         digit(kMinute + 4) < 10 && digit(kMinute + 5) < 10 &&
                         (text.size() == kZone || text[kZone] == ' ');
  if (!has_shape) return parse_log_time(text, record);
  const Duration within(digit(kMinute) * 10'000 + digit(kMinute + 1) * 1'000 + digit(kMinute + 3) * 100 +
                        digit(kMinute + 4) * 10 + digit(kMinute + 5));
  const bool is_near = text.size() == length_ && std::memcmp(text.data(), last_.data(), kMinute) == 0 &&
                       std::memcmp(text.data() + kZone, last_.data() + kZone, length_ - kZone) == 0;
  if (!is_near) {
    if (!parse_log_time(text, record)) return false;
    std::copy(text.begin(), text.end(), last_.begin());
    length_ = text.size();
    minute_ = record.at - within;
    zone_guessed_ = record.zone_guessed;
    return true;
  }
  record.at = minute_ + within;
  record.zone_guessed = zone_guessed_;
  return true;
}

}  // namespace signalbox::queries
