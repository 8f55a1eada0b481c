// The rules by which carriers bill, as dated data.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "instruments/pack/model/quantity.hpp"

namespace signalbox::pack {

// A day, as days since 1970-01-01.
using Day = std::chrono::sys_days;
Result<Day> day_from(std::string_view text);  // "2026-07-12"
std::string to_text(Day day);

// Limits of which each is exceeded by what is over it (`>`, of sides in whole inches). None: not asked.
struct Limits {
  std::optional<std::int64_t> longest_in;
  std::optional<std::int64_t> second_in;
  std::optional<std::int64_t> length_girth_in;  // longest side and twice the two others
  std::optional<std::int64_t> cubic_in3;
  std::optional<std::int64_t> actual_lb;
};

struct Surcharge {
  std::string id;     // "additional-handling"
  std::string group;  // of a group the one of the highest rank is charged
  int rank = 0;
  std::int64_t min_lb = 0;  // billed at least
  Limits when;              // any of them exceeded
};

enum class Rounding { nearest, up };  // of each side, to whole inches; halves go up

struct RulePack {
  std::string carrier;
  std::string id;
  std::string source;
  Day from;
  std::optional<Day> to;  // the last day
  Rounding rounding = Rounding::up;
  std::int64_t daily_divisor = 139;  // cubic inches a pound
  std::int64_t retail_divisor = 139;
  std::int64_t dim_over_in3 = 0;  // dimensional weight counts above this volume alone
  std::vector<Surcharge> surcharges;
  Limits maximum;  // beyond these the carrier does not take it
};

// One file of rules. Packs of one carrier that overlap in time, and unknown keys, are bad_input with the
// place.
Result<std::vector<RulePack>> read_rules(std::string_view text, std::string_view name);

// The files in the program: (name, text).
std::vector<std::pair<std::string_view, std::string_view>> shipped_rule_files();
std::vector<RulePack> shipped_rules();

// The pack of that carrier on that day. No such carrier: bad_input; none on that day: unavailable.
Result<RulePack> rules_on(std::span<const RulePack> packs, std::string_view carrier, Day day);

}  // namespace signalbox::pack
