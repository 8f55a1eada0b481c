#include "instruments/train/schedule/cadence.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "core/base/text.hpp"
#include "core/calendar/date_text.hpp"
#include "core/gates/zone_node.hpp"
#include "instruments/train/schedule/milestones.hpp"

namespace signalbox::train::schedule {
namespace {

using config::Node;
using std::chrono::days;
using std::chrono::weeks;

constexpr weeks kLongestIncrement{52};
constexpr Duration kLongestCutover = std::chrono::hours(24);
constexpr days kTriedFor{3 * 366};
constexpr std::size_t kMostSlots = 20'000;
constexpr days kLongTrain{21};  // trains this far apart have the monthly template, others the weekly one

// A Tuesday: where a cadence says no more, trains leave on Tuesdays.
const calendar::Wall kFrom = calendar::Day(std::chrono::year(2024) / 1 / 2) + std::chrono::hours(10);

struct Increment {
  weeks length{10};
  weeks iteration{2};
};

// The place of the day in its month: "1TU"; a fifth one is the last.
std::string day_of_month(calendar::Wall wall) {
  const std::chrono::year_month_day date(std::chrono::floor<days>(wall));
  constexpr std::array<const char*, 7> kDays = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
  const std::chrono::weekday weekday(std::chrono::floor<days>(wall));
  const unsigned nth = (static_cast<unsigned>(date.day()) - 1) / 7 + 1;
  return (nth > 4 ? "-1" : std::to_string(nth)) + kDays[weekday.c_encoding()];
}

std::string rule_of(const std::string& name, calendar::Wall from, const Increment& increment) {
  if (name == "daily") return "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR";
  if (name == "weekly") return "FREQ=WEEKLY";
  if (name == "monthly") return "FREQ=MONTHLY;BYDAY=" + day_of_month(from);
  if (name == "pi") return fmt::format("FREQ=WEEKLY;INTERVAL={}", increment.length.count());
  return {};
}

std::vector<Milestone> template_of(const std::string& name, const Increment& increment) {
  if (name == "monthly") return monthly_template();
  if (name == "weekly") return weekly_template();
  if (name == "daily") return release_day_template();
  if (name == "pi")
    return increment_template(static_cast<int>(increment.length.count()),
                              static_cast<int>(increment.iteration.count()));
  return {};
}

Result<Cadence> complete(Cadence cadence, const Increment& increment) {
  const std::string rule = rule_of(cadence.name, cadence.from, increment);
  if (!rule.empty()) {
    SIGNALBOX_TRY(cadence.rule, calendar::parse_rrule(rule));
  }
  cadence.milestones = template_of(cadence.name, increment);
  return cadence;
}

Status read_weeks(const Node& node, weeks& out) {
  if (!node.exists()) return {};
  SIGNALBOX_TRY(const Duration length, node.duration());
  out = std::chrono::floor<weeks>(length);
  if (Duration(out) != length || out < weeks(1) || out > kLongestIncrement)
    return node.wrong("whole weeks are expected", fmt::format("1w to {}w", kLongestIncrement.count()));
  return {};
}

Result<Increment> read_increment(const Node& node, const std::string& name) {
  Increment out;
  for (const char* key : {"length", "iteration"}) {
    if (node[key].exists() && name != "pi") return node[key].wrong("goes with the preset pi alone");
  }
  SIGNALBOX_CHECK(read_weeks(node["length"], out.length));
  SIGNALBOX_CHECK(read_weeks(node["iteration"], out.iteration));
  if (out.length.count() % out.iteration.count() != 0)
    return node[node["iteration"].exists() ? "iteration" : "length"].wrong(
        fmt::format("{} weeks are not whole iterations of {}", out.length.count(), out.iteration.count()));
  return out;
}

Status read_owners(const Node& node, Cadence& cadence) {
  if (!node.exists()) return {};
  std::vector<std::string> ids;
  for (const Milestone& milestone : cadence.milestones) ids.push_back(milestone.id);
  SIGNALBOX_CHECK(node.only(ids));
  for (Milestone& milestone : cadence.milestones) {
    if (!node[milestone.id].exists()) continue;
    SIGNALBOX_TRY(milestone.owner, node[milestone.id].text());
  }
  return {};
}

// A rule of one's own has the template that fits how far apart its trains are.
Status read_rule(const Node& node, Cadence& cadence) {
  SIGNALBOX_TRY(const std::string text, node["rrule"].text());
  auto rule = calendar::parse_rrule(text);
  if (!rule) return node["rrule"].wrong(rule.error().message, rule.error().hint);
  if (!node["from"].exists())
    return node.wrong("a rule has a first departure", "from: 2026-03-03T10:00, by the clocks of timezone");
  calendar::ExpansionBudget budget{.occurrences = kMostSlots};
  const auto tried = calendar::expand(*rule, cadence.from, cadence.zone, cadence.from + kTriedFor, budget);
  if (!tried) return node["rrule"].wrong(tried.error().message, tried.error().hint);
  if (tried->empty()) return node["rrule"].wrong("nothing would leave within three years of `from`");
  const bool is_long = tried->size() < 2 || (*tried)[1] - (*tried)[0] >= kLongTrain;
  cadence.milestones = is_long ? monthly_template() : weekly_template();
  cadence.rule = std::move(*rule);
  return {};
}

std::string name_of(const std::string& cadence, calendar::Wall wall) {
  const calendar::Day day = std::chrono::floor<days>(wall);
  const std::chrono::year_month_day date(day);
  const int year = static_cast<int>(date.year());
  const unsigned month = static_cast<unsigned>(date.month());
  if (cadence == "monthly") return fmt::format("{:04}-{:02}", year, month);
  if (cadence == "weekly") {
    // ISO 8601: a week is of the year that has its Thursday.
    const calendar::Day thursday = day - days(std::chrono::weekday(day).iso_encoding()) + days(4);
    const auto of = std::chrono::year_month_day(thursday).year();
    const auto week = (thursday - calendar::Day(of / 1 / 1)).count() / 7 + 1;
    return fmt::format("{:04}-w{:02}", static_cast<int>(of), week);
  }
  return fmt::format("{:04}-{:02}-{:02}", year, month, static_cast<unsigned>(date.day()));
}

}  // namespace

const std::vector<std::string>& cadence_names() {
  static const std::vector<std::string> names = {"continuous", "daily", "weekly", "monthly", "pi"};
  return names;
}

Result<Cadence> preset(std::string_view name) {
  const auto& names = cadence_names();
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    const auto near = nearest(name, names);
    return fail(ErrorKind::bad_input, fmt::format("there is no cadence `{}`", printable(name)),
                near ? fmt::format("did you mean {}?", *near) : join(names, ", "));
  }
  Cadence out;
  out.name = name;
  out.from = kFrom;
  return complete(std::move(out), {});
}

Result<Cadence> parse_cadence(const Node& node) {
  if (!node.exists()) return Cadence{};
  if (node.is_scalar()) {
    SIGNALBOX_TRY(const std::string name, node.text());
    auto out = preset(name);
    if (!out) return node.wrong(out.error().message, out.error().hint);
    return out;
  }
  if (!node.is_map()) return node.wrong("a cadence is a name or a map", "cadence: monthly");
  SIGNALBOX_CHECK(
      node.only({"preset", "rrule", "from", "timezone", "length", "iteration", "cutover", "owners"}));
  if (node["preset"].exists() == node["rrule"].exists())
    return node.wrong("a cadence has a preset or an rrule, one of them", "preset: monthly");
  Cadence out;
  out.name = "custom";
  if (node["preset"].exists()) {
    SIGNALBOX_TRY(out.name, node["preset"].text());
    const auto known = preset(out.name);
    if (!known) return node["preset"].wrong(known.error().message, known.error().hint);
  }
  out.from = kFrom;
  SIGNALBOX_TRY(out.zone, gates::parse_zone_node(node["timezone"]));
  if (node["from"].exists()) {
    SIGNALBOX_TRY(const std::string from, node["from"].text());
    const auto wall = calendar::parse_iso_wall(from);
    if (!wall)
      return node["from"].wrong(fmt::format("`{}` is no time on the wall", printable(from)),
                                "2026-03-03T10:00, by the clocks of timezone");
    out.from = *wall;
  }
  SIGNALBOX_TRY(const Increment increment, read_increment(node, out.name));
  if (node["cutover"].exists()) {
    SIGNALBOX_TRY(out.cutover, node["cutover"].duration());
    if (out.cutover > kLongestCutover) return node["cutover"].wrong("a cutover is at most a day");
  }
  if (node["rrule"].exists()) {
    SIGNALBOX_CHECK(read_rule(node, out));
  } else {
    SIGNALBOX_TRY(out, complete(std::move(out), increment));
  }
  SIGNALBOX_CHECK(read_owners(node["owners"], out));
  return out;
}

Result<std::vector<Slot>> slots(const Cadence& cadence, Time from, Time until) {
  std::vector<Slot> out;
  if (!cadence.rule) return out;
  const auto last = cadence.zone.to_wall(std::chrono::ceil<std::chrono::seconds>(until)) + days(1);
  calendar::ExpansionBudget budget;
  SIGNALBOX_TRY(const std::vector<calendar::Wall> walls,
                calendar::expand(*cadence.rule, cadence.from, cadence.zone, last, budget));
  for (const calendar::Wall wall : walls) {
    const Time departs = cadence.zone.to_utc(wall);
    if (departs >= from && departs < until) out.push_back({name_of(cadence.name, wall), departs});
  }
  return out;
}

}  // namespace signalbox::train::schedule
