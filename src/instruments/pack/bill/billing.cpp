#include "instruments/pack/bill/billing.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace signalbox::pack {
namespace {

std::int64_t rounded_in(Length side, Rounding rounding) {
  const std::int64_t inches =
      rounding == Rounding::up ? (side + kInch - 1) / kInch : (side + kInch / 2) / kInch;
  return std::max<std::int64_t>(1, inches);
}

std::int64_t pounds_up(Mass weight) {
  return std::max<std::int64_t>(1, (weight + kPound - 1) / kPound);
}

// What thresholds are held against.
struct Measures {
  std::int64_t longest = 0;
  std::int64_t second = 0;
  std::int64_t length_girth = 0;
  std::int64_t cubic = 0;
  Mass weight = 0;
};

Measures measures_of(std::array<std::int64_t, 3> sides, Mass weight) {
  std::sort(sides.begin(), sides.end(), std::greater<>());
  return {sides[0], sides[1], sides[0] + 2 * (sides[1] + sides[2]), sides[0] * sides[1] * sides[2], weight};
}

// What is exceeded, in words; empty: nothing.
std::string exceeded(const Limits& limits, const Measures& is) {
  if (limits.longest_in && is.longest > *limits.longest_in)
    return fmt::format("longest side {} in is over {} in", is.longest, *limits.longest_in);
  if (limits.second_in && is.second > *limits.second_in)
    return fmt::format("second side {} in is over {} in", is.second, *limits.second_in);
  if (limits.length_girth_in && is.length_girth > *limits.length_girth_in)
    return fmt::format("length and girth {} in are over {} in", is.length_girth, *limits.length_girth_in);
  if (limits.cubic_in3 && is.cubic > *limits.cubic_in3)
    return fmt::format("volume {} cu in is over {} cu in", is.cubic, *limits.cubic_in3);
  if (limits.actual_lb && is.weight > *limits.actual_lb * kPound)
    return fmt::format("weight {} lb is over {} lb", to_text(is.weight, MassUnit::lb), *limits.actual_lb);
  return "";
}

Bill bill_of_sides(const RulePack& rules, const std::array<std::int64_t, 3>& sides, Mass weight,
                   Account account) {
  Bill out;
  out.rule = rules.id;
  out.sides_in = sides;
  out.volume_in3 = sides[0] * sides[1] * sides[2];
  out.divisor = account == Account::daily ? rules.daily_divisor : rules.retail_divisor;
  out.actual_lb = pounds_up(weight);
  if (out.volume_in3 > rules.dim_over_in3) out.dim_lb = (out.volume_in3 + out.divisor - 1) / out.divisor;
  out.billed_lb = std::max(out.actual_lb, out.dim_lb);
  const Measures measures = measures_of(sides, weight);
  std::vector<const Surcharge*> charged;
  for (const Surcharge& each : rules.surcharges) {
    if (exceeded(each.when, measures).empty()) continue;
    auto same = std::find_if(charged.begin(), charged.end(),
                             [&](const Surcharge* other) { return other->group == each.group; });
    if (same == charged.end()) {
      charged.push_back(&each);
    } else if (each.rank > (*same)->rank) {
      *same = &each;
    }
  }
  for (const Surcharge* each : charged) {
    out.surcharges.push_back({each->id, exceeded(each->when, measures)});
    out.billed_lb = std::max(out.billed_lb, each->min_lb);
  }
  const std::string over = exceeded(rules.maximum, measures);
  if (!over.empty()) out.over_maximum.push_back(over);
  return out;
}

// By how much the longest side may grow, measured, before it rounds over a limit.
double room(Length side, std::int64_t limit_in, Rounding rounding) {
  const double least_over =
      rounding == Rounding::up ? static_cast<double>(limit_in) : static_cast<double>(limit_in) + 0.5;
  return least_over - as_number(side, LengthUnit::in);
}

}  // namespace

Bill bill_of(const RulePack& rules, const Size& outer, Mass weight, Account account) {
  std::array<std::int64_t, 3> sides{};
  for (std::size_t i = 0; i < 3; ++i) sides[i] = rounded_in(outer[i], rules.rounding);
  return bill_of_sides(rules, sides, weight, account);
}

std::vector<Distance> distances(const RulePack& rules, const Size& outer, Mass weight, Account account) {
  const Bill bill = bill_of(rules, outer, weight, account);
  const Measures measures = measures_of(bill.sides_in, weight);
  Size sorted = outer;
  std::sort(sorted.begin(), sorted.end(), std::greater<>());
  std::vector<Distance> out;
  const auto add = [&](const std::string& id, const Limits& limits) {
    if (!exceeded(limits, measures).empty()) return;
    if (limits.longest_in)
      out.push_back({id, "longest side", room(sorted[0], *limits.longest_in, rules.rounding), "in"});
    if (limits.second_in)
      out.push_back({id, "second side", room(sorted[1], *limits.second_in, rules.rounding), "in"});
    if (limits.length_girth_in)
      out.push_back({id, "length and girth",
                     static_cast<double>(*limits.length_girth_in - measures.length_girth), "in"});
    if (limits.cubic_in3)
      out.push_back({id, "volume", static_cast<double>(*limits.cubic_in3 - measures.cubic), "in3"});
    if (limits.actual_lb)
      out.push_back(
          {id, "weight", static_cast<double>(*limits.actual_lb) - as_number(weight, MassUnit::lb), "lb"});
  };
  for (const Surcharge& each : rules.surcharges) add(each.id, each.when);
  add("maximum", rules.maximum);
  std::stable_sort(out.begin(), out.end(), [](const Distance& a, const Distance& b) {
    return a.unit != b.unit ? a.unit < b.unit : a.left < b.left;
  });
  return out;
}

std::vector<Trim> trims(const RulePack& rules, const Size& outer, Mass weight, Account account) {
  const Bill now = bill_of(rules, outer, weight, account);
  std::vector<Trim> out;
  for (std::size_t side = 0; side < 3; ++side) {
    if (now.sides_in[side] <= 1) continue;
    std::array<std::int64_t, 3> less = now.sides_in;
    --less[side];
    const Bill then = bill_of_sides(rules, less, weight, account);
    Trim trim;
    trim.side = side;
    // The largest measure that rounds to an inch less; a half goes up, so one tick below it.
    const Length most =
        rules.rounding == Rounding::up ? less[side] * kInch : less[side] * kInch + kInch / 2 - 1;
    trim.by = outer[side] - most;
    trim.saved_lb = now.billed_lb - then.billed_lb;
    for (const BilledSurcharge& each : now.surcharges)
      if (std::none_of(then.surcharges.begin(), then.surcharges.end(),
                       [&](const BilledSurcharge& other) { return other.id == each.id; }))
        trim.surcharges_saved.push_back(each.id);
    out.push_back(std::move(trim));
  }
  return out;
}

}  // namespace signalbox::pack
