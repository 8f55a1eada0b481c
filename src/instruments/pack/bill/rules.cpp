#include "instruments/pack/bill/rules.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "core/config/config.hpp"

namespace signalbox::pack {
namespace {

using config::Node;

Status read_limit(const Node& map, const char* key, std::optional<std::int64_t>& out) {
  if (!map[key].exists()) return {};
  SIGNALBOX_TRY(const std::int64_t value, map[key].integer());
  if (value < 1 || value > 1'000'000) return map[key].wrong("a whole number between 1 and 1000000 is meant");
  out = value;
  return {};
}

Result<Limits> read_limits(const Node& map) {
  Limits out;
  SIGNALBOX_CHECK(map.only({"longest_in", "second_in", "length_girth_in", "cubic_in3", "actual_lb"}));
  SIGNALBOX_CHECK(read_limit(map, "longest_in", out.longest_in));
  SIGNALBOX_CHECK(read_limit(map, "second_in", out.second_in));
  SIGNALBOX_CHECK(read_limit(map, "length_girth_in", out.length_girth_in));
  SIGNALBOX_CHECK(read_limit(map, "cubic_in3", out.cubic_in3));
  SIGNALBOX_CHECK(read_limit(map, "actual_lb", out.actual_lb));
  return out;
}

Result<Surcharge> read_surcharge(const Node& map) {
  SIGNALBOX_CHECK(map.only({"id", "group", "rank", "min_lb", "when"}));
  Surcharge out;
  SIGNALBOX_TRY(out.id, map["id"].text());
  out.group = out.id;
  if (map["group"].exists()) {
    SIGNALBOX_TRY(out.group, map["group"].text());
  }
  if (map["rank"].exists()) {
    SIGNALBOX_TRY(const std::int64_t rank, map["rank"].integer());
    out.rank = static_cast<int>(std::clamp<std::int64_t>(rank, 0, 1000));
  }
  std::optional<std::int64_t> least;
  SIGNALBOX_CHECK(read_limit(map, "min_lb", least));
  out.min_lb = least.value_or(0);
  SIGNALBOX_TRY(out.when, read_limits(map["when"]));
  return out;
}

Result<Day> read_day(const Node& node) {
  SIGNALBOX_TRY(const std::string text, node.text());
  auto day = day_from(text);
  if (!day) return node.wrong(day.error().message, day.error().hint);
  return *day;
}

Result<RulePack> read_pack(const Node& map, const std::string& carrier) {
  SIGNALBOX_CHECK(map.only(
      {"id", "from", "to", "source", "rounding", "divisors", "dim_over_in3", "surcharges", "limits"}));
  RulePack out;
  out.carrier = carrier;
  SIGNALBOX_TRY(out.id, map["id"].text());
  SIGNALBOX_TRY(out.source, map["source"].text());
  if (trim(out.source).empty()) return map["source"].wrong("where is that published?");
  SIGNALBOX_TRY(out.from, read_day(map["from"]));
  if (map["to"].exists()) {
    SIGNALBOX_TRY(out.to, read_day(map["to"]));
    if (*out.to < out.from) return map["to"].wrong("it ends before it begins");
  }
  SIGNALBOX_TRY(const std::string rounding, map["rounding"].text());
  if (rounding != "up" && rounding != "nearest")
    return map["rounding"].wrong("sides are rounded up, or to the nearest inch", "up or nearest");
  out.rounding = rounding == "up" ? Rounding::up : Rounding::nearest;
  SIGNALBOX_CHECK(map["divisors"].only({"daily", "retail"}));
  std::optional<std::int64_t> daily;
  std::optional<std::int64_t> retail;
  SIGNALBOX_CHECK(read_limit(map["divisors"], "daily", daily));
  SIGNALBOX_CHECK(read_limit(map["divisors"], "retail", retail));
  if (!daily) return map["divisors"].wrong("the divisor `daily` is missing");
  out.daily_divisor = *daily;
  out.retail_divisor = retail.value_or(*daily);
  std::optional<std::int64_t> over;
  SIGNALBOX_CHECK(read_limit(map, "dim_over_in3", over));
  out.dim_over_in3 = over.value_or(0);
  for (const Node& each : map["surcharges"].items()) {
    SIGNALBOX_TRY(Surcharge surcharge, read_surcharge(each));
    out.surcharges.push_back(std::move(surcharge));
  }
  SIGNALBOX_TRY(out.maximum, read_limits(map["limits"]));
  return out;
}

bool overlap(const RulePack& a, const RulePack& b) {
  return a.carrier == b.carrier && (!a.to || b.from <= *a.to) && (!b.to || a.from <= *b.to);
}

}  // namespace

Result<Day> day_from(std::string_view text) {
  const auto parts = split(trim(text), '-');
  const auto year = parts.size() == 3 && parts[0].size() == 4 ? parse_integer(parts[0]) : std::nullopt;
  const auto month = parts.size() == 3 && parts[1].size() == 2 ? parse_integer(parts[1]) : std::nullopt;
  const auto day = parts.size() == 3 && parts[2].size() == 2 ? parse_integer(parts[2]) : std::nullopt;
  if (year && month && day && *year >= 1970 && *month > 0 && *day > 0) {
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (date.ok()) return Day(date);
  }
  return fail(ErrorKind::bad_input, fmt::format("'{}' is no day", printable(text)), "write it as 2026-07-12");
}

std::string to_text(Day day) {
  const std::chrono::year_month_day date(day);
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()));
}

Result<std::vector<RulePack>> read_rules(std::string_view text, std::string_view name) {
  SIGNALBOX_TRY(const Node root, config::parse_yaml(text, std::string(name)));
  SIGNALBOX_CHECK(root.only({"carrier", "packs"}));
  SIGNALBOX_TRY(const std::string carrier, root["carrier"].text());
  std::vector<RulePack> out;
  for (const Node& each : root["packs"].items()) {
    SIGNALBOX_TRY(RulePack pack, read_pack(each, carrier));
    for (const RulePack& other : out)
      if (overlap(pack, other))
        return each.wrong(fmt::format("'{}' and '{}' both hold on some day", pack.id, other.id));
    out.push_back(std::move(pack));
  }
  if (out.empty()) return root.wrong("there is no pack of rules in it");
  return out;
}

std::vector<RulePack> shipped_rules() {
  std::vector<RulePack> out;
  for (const auto& [name, text] : shipped_rule_files()) {
    auto packs = read_rules(text, name);
    if (packs)
      out.insert(out.end(), std::make_move_iterator(packs->begin()), std::make_move_iterator(packs->end()));
  }
  return out;
}

Result<RulePack> rules_on(std::span<const RulePack> packs, std::string_view carrier, Day day) {
  std::vector<std::string> carriers;
  for (const RulePack& pack : packs) {
    if (pack.carrier != carrier) {
      if (std::find(carriers.begin(), carriers.end(), pack.carrier) == carriers.end())
        carriers.push_back(pack.carrier);
      continue;
    }
    if (pack.from <= day && (!pack.to || day <= *pack.to)) return pack;
  }
  for (const RulePack& pack : packs)
    if (pack.carrier == carrier)
      return fail(ErrorKind::unavailable,
                  fmt::format("no rule of {} holds on {}", printable(carrier), to_text(day)),
                  "--rules FILE adds rules of your own");
  return fail(ErrorKind::bad_input, fmt::format("no rules of a carrier '{}'", printable(carrier)),
              "carriers are " + join(carriers, ", "));
}

}  // namespace signalbox::pack
