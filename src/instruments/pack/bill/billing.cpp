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

enum class Over { nothing, longest, second, length_girth, cubic, weight };

Over over(const Limits& limits, const Measures& is) {
  if (limits.longest_in && is.longest > *limits.longest_in) return Over::longest;
  if (limits.second_in && is.second > *limits.second_in) return Over::second;
  if (limits.length_girth_in && is.length_girth > *limits.length_girth_in) return Over::length_girth;
  if (limits.cubic_in3 && is.cubic > *limits.cubic_in3) return Over::cubic;
  if (limits.actual_lb && is.weight > *limits.actual_lb * kPound) return Over::weight;
  return Over::nothing;
}

std::string exceeded(const Limits& limits, const Measures& is) {
  switch (over(limits, is)) {
    case Over::nothing:
      return "";
    case Over::longest:
      return fmt::format("longest side {} in is over {} in", is.longest, *limits.longest_in);
    case Over::second:
      return fmt::format("second side {} in is over {} in", is.second, *limits.second_in);
    case Over::length_girth:
      return fmt::format("length and girth {} in are over {} in", is.length_girth, *limits.length_girth_in);
    case Over::cubic:
      return fmt::format("volume {} cu in is over {} cu in", is.cubic, *limits.cubic_in3);
    case Over::weight:
      return fmt::format("weight {} lb is over {} lb", to_text(is.weight, MassUnit::lb), *limits.actual_lb);
  }
  return "";
}

// Whether a surcharge is charged: its threshold is exceeded, and none of its group that ranks higher.
bool is_charged(const RulePack& rules, std::size_t which, const Measures& measures) {
  const Surcharge& it = rules.surcharges[which];
  if (over(it.when, measures) == Over::nothing) return false;
  for (std::size_t i = 0; i < rules.surcharges.size(); ++i) {
    const Surcharge& other = rules.surcharges[i];
    const bool goes_before = other.rank > it.rank || (other.rank == it.rank && i < which);
    if (i != which && goes_before && other.group == it.group && over(other.when, measures) != Over::nothing)
      return false;
  }
  return true;
}

std::int64_t divisor_of(const RulePack& rules, Account account) {
  return account == Account::daily ? rules.daily_divisor : rules.retail_divisor;
}

std::array<std::int64_t, 3> rounded_sides(const RulePack& rules, const Size& outer) {
  std::array<std::int64_t, 3> out{};
  for (std::size_t i = 0; i < 3; ++i) out[i] = rounded_in(outer[i], rules.rounding);
  return out;
}

std::int64_t dim_lb_of(const RulePack& rules, std::int64_t volume_in3, std::int64_t divisor) {
  return volume_in3 > rules.dim_over_in3 ? (volume_in3 + divisor - 1) / divisor : 0;
}

Bill bill_of_sides(const RulePack& rules, const std::array<std::int64_t, 3>& sides, Mass weight,
                   Account account) {
  Bill out;
  out.rule = rules.id;
  out.sides_in = sides;
  out.volume_in3 = sides[0] * sides[1] * sides[2];
  out.divisor = divisor_of(rules, account);
  out.actual_lb = pounds_up(weight);
  out.dim_lb = dim_lb_of(rules, out.volume_in3, out.divisor);
  out.billed_lb = std::max(out.actual_lb, out.dim_lb);
  const Measures measures = measures_of(sides, weight);
  for (std::size_t i = 0; i < rules.surcharges.size(); ++i) {
    if (!is_charged(rules, i, measures)) continue;
    out.surcharges.push_back({rules.surcharges[i].id, exceeded(rules.surcharges[i].when, measures)});
    out.billed_lb = std::max(out.billed_lb, rules.surcharges[i].min_lb);
  }
  const std::string beyond = exceeded(rules.maximum, measures);
  if (!beyond.empty()) out.over_maximum.push_back(beyond);
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
  return bill_of_sides(rules, rounded_sides(rules, outer), weight, account);
}

BilledPounds billed_pounds(const RulePack& rules, const Size& outer, Mass weight, Account account) {
  const std::array<std::int64_t, 3> sides = rounded_sides(rules, outer);
  const Measures measures = measures_of(sides, weight);
  BilledPounds out;
  out.lb = std::max(pounds_up(weight), dim_lb_of(rules, measures.cubic, divisor_of(rules, account)));
  for (std::size_t i = 0; i < rules.surcharges.size(); ++i)
    if (is_charged(rules, i, measures)) out.lb = std::max(out.lb, rules.surcharges[i].min_lb);
  out.is_taken = over(rules.maximum, measures) == Over::nothing;
  return out;
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
