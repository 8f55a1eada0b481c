#include "core/gates/time_rule.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/gates/zone_node.hpp"

namespace signalbox::gates {
namespace {

using config::Node;
using std::chrono::minutes;

constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr minutes kDay{24 * 60};
constexpr int kDaysAhead =
    15;  // in which any window begins at least once, also where clocks skip one of its days

// "09:30" as minutes; "24:00" is the end of a day.
std::optional<minutes> parse_clock(std::string_view text) {
  const auto digit = [&](std::size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return {};
  const minutes out((text[0] - '0') * 600 + (text[1] - '0') * 60 + (text[3] - '0') * 10 + (text[4] - '0'));
  if (text[3] > '5' || out > kDay) return {};
  return out;
}

Result<minutes> clock_of(const Node& node, minutes absent) {
  if (!node.exists()) return absent;
  SIGNALBOX_TRY(const std::string text, node.text());
  const auto parsed = parse_clock(text);
  if (!parsed)
    return node.wrong(fmt::format("`{}` is no time of day", printable(text)), "\"09:30\", with quotes");
  return *parsed;
}

Result<Window> parse_window(const Node& node) {
  if (!node.is_map())
    return node.wrong("a window is a map", "{days: [mon, tue], from: \"09:00\", until: \"16:00\"}");
  SIGNALBOX_CHECK(node.only({"days", "from", "until", "zone"}));
  Window out;
  if (!node["days"].exists()) out.days.fill(true);
  if (node["days"].exists()) {
    SIGNALBOX_TRY(const std::vector<std::string> days, node["days"].texts());
    for (const std::string& day : days) {
      const auto found = std::find(kDays.begin(), kDays.end(), day);
      if (found == kDays.end())
        return node["days"].wrong(fmt::format("`{}` is no day", printable(day)),
                                  "mon, tue, wed, thu, fri, sat, sun");
      out.days[static_cast<std::size_t>(found - kDays.begin())] = true;
    }
    if (days.empty()) return node["days"].wrong("an empty list: nothing would ever leave");
  }
  SIGNALBOX_TRY(out.from, clock_of(node["from"], minutes(0)));
  SIGNALBOX_TRY(out.until, clock_of(node["until"], kDay));
  if (out.until <= out.from)
    return node["until"].wrong("the window ends before it begins", "two windows, one a day, cross midnight");
  SIGNALBOX_TRY(out.zone, parse_zone_node(node["zone"]));
  return out;
}

std::string clock_text(minutes time) {
  return fmt::format("{:02}:{:02}", time.count() / 60, time.count() % 60);
}

using calendar::Day;
using calendar::Instant;

bool is_open_on(const Window& window, Day day) {
  const unsigned monday_first = (std::chrono::weekday(day).iso_encoding()) - 1;
  return window.days[monday_first];
}

Instant second_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

Day day_of(const Window& window, Time time) {
  return std::chrono::floor<std::chrono::days>(window.zone.to_wall(second_of(time)));
}

bool is_open(const Window& window, Time time) {
  const calendar::Wall wall = window.zone.to_wall(second_of(time));
  const Day day = std::chrono::floor<std::chrono::days>(wall);
  return is_open_on(window, day) && wall - day >= window.from && wall - day < window.until;
}

// Where clocks skip the hour at which it opens, it opens when they have skipped it.
Time opening(const Window& window, Day day) {
  const calendar::Wall wall = day + window.from;
  const Instant instant = window.zone.to_utc(wall);
  return window.zone.to_wall(instant) == wall ? instant : window.zone.at(instant).begin;
}

// The first moment from `time` on in which a window is open.
std::optional<Time> next_open(const std::vector<Window>& windows, Time time) {
  if (windows.empty()) return time;
  std::optional<Time> out;
  for (const Window& window : windows) {
    if (is_open(window, time)) return time;
    for (int i = 0; i <= kDaysAhead; ++i) {
      const Time opens = opening(window, day_of(window, time) + std::chrono::days(i));
      if (opens < time || !is_open(window, opens)) continue;
      if (!out || opens < *out) out = opens;
      break;
    }
  }
  return out;
}

Result<std::optional<Time>> time_of(const Node& node) {
  if (!node.exists()) return std::optional<Time>();
  SIGNALBOX_TRY(const Time time, node.time());
  return std::optional<Time>(time);
}

}  // namespace

std::string text_of(const Window& window) {
  std::vector<std::string> days;
  for (std::size_t i = 0; i < kDays.size(); ++i) {
    if (window.days[i]) days.emplace_back(kDays[i]);
  }
  return fmt::format("{} {}–{} {}", days.size() == kDays.size() ? "every day" : join(days, " "),
                     clock_text(window.from), clock_text(window.until), window.zone.name());
}

Result<TimeRule> parse_time_rule(const Node& node) {
  TimeRule out;
  SIGNALBOX_TRY(out.not_before, time_of(node["not_before"]));
  SIGNALBOX_TRY(out.not_after, time_of(node["not_after"]));
  if (out.not_before && out.not_after && *out.not_after <= *out.not_before)
    return node["not_after"].wrong("it is not after not_before: nothing would ever leave");
  const Node window = node["window"];
  const std::vector<Node> windows = window.is_list() ? window.items() : std::vector<Node>{window};
  if (windows.size() > kMaxWindows) return window.wrong(fmt::format("more than {} windows", kMaxWindows));
  for (const Node& one : windows) {
    if (!one.exists()) continue;
    SIGNALBOX_TRY(Window parsed, parse_window(one));
    out.windows.push_back(std::move(parsed));
  }
  if (!out.not_before && !out.not_after && out.windows.empty())
    return node.wrong("a gate of the kind time has not_before, not_after or window");
  return out;
}

TimeAnswer judge_time(const TimeRule& rule, Time now) {
  if (rule.not_after && now >= *rule.not_after)
    return {false, "it is too late: not after " + to_rfc3339(*rule.not_after), {}};
  const Time earliest = rule.not_before ? std::max(now, *rule.not_before) : now;
  std::optional<Time> next = next_open(rule.windows, earliest);
  if (next && rule.not_after && *next >= *rule.not_after) next.reset();
  if (next && *next <= now) return {true, "now is a time to leave", now};
  if (earliest > now) return {false, "it is too early: not before " + to_rfc3339(earliest), next};
  std::vector<std::string> open;
  for (const Window& window : rule.windows) open.push_back(text_of(window));
  return {false, "outside of " + join(open, "; "), next};
}

}  // namespace signalbox::gates
