#include "instruments/profile/analysis/compare.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/cost_difference.hpp"
#include "instruments/profile/analysis/function_costs.hpp"
#include "instruments/profile/analysis/joined_stacks.hpp"

namespace signalbox::profile {
namespace {

Status set_scales(const NamedProfile& base, const NamedProfile& fresh, const CompareOptions& options,
                  Difference& out) {
  switch (options.normalization) {
    case Normalization::none:
      return same_rate(base, fresh, out.type);
    case Normalization::samples:
      out.fresh_scale = out.base_total / out.fresh_total;
      return {};
    case Normalization::work:
      out.base_scale = 1 / options.base_work;
      out.fresh_scale = 1 / options.fresh_work;
      return same_rate(base, fresh, out.type);
  }
  return {};
}

// Costs of both sides, and what their shares are of.
struct Sides {
  const Costs& base;
  const Costs& fresh;
  double base_total;  // normalised
  double fresh_total;
  Totals totals;
};

CostPair pair_of(const Sides& sides, const Cost& base, const Cost& fresh) {
  const auto side = [](const Costs& costs, const Cost& cost, double total) {
    const ShareEstimate estimate = estimate_share(costs, cost);
    return SideCost{{estimate.share, estimate.effective_n}, total};
  };
  const SideCost of_base = side(sides.base, base, sides.base_total);
  const SideCost of_fresh = side(sides.fresh, fresh, sides.fresh_total);
  return {of_base.cost(), of_fresh.cost(), difference_of(of_base, of_fresh),
          chance_of(of_base, of_fresh, sides.totals)};
}

void add_functions(const IdentityTable& table, const Sides& sides, Difference& out) {
  for (IdentityId id = 0; id < table.size(); ++id) {
    const GroupCost& base = sides.base.groups[id];
    const GroupCost& fresh = sides.fresh.groups[id];
    if (base.cumulative.value == 0 && fresh.cumulative.value == 0) continue;
    out.functions.push_back({table[id], pair_of(sides, base.self, fresh.self),
                             pair_of(sides, base.cumulative, fresh.cumulative)});
  }
  std::sort(out.functions.begin(), out.functions.end(), [](const FunctionChange& a, const FunctionChange& b) {
    const double of_a = std::abs(a.self.rise());
    const double of_b = std::abs(b.self.rise());
    return of_a != of_b ? of_a > of_b : a.function < b.function;
  });
}

void add_stacks(const IdentityTable& table, const std::vector<JoinedStack>& joined, std::size_t most,
                Difference& out) {
  const auto rise = [&](const JoinedStack& stack) {
    return out.fresh_scale * static_cast<double>(stack.fresh) -
           out.base_scale * static_cast<double>(stack.base);
  };
  std::vector<std::uint32_t> moved;
  for (std::uint32_t i = 0; i < joined.size(); ++i) {
    out.stacks_new += joined[i].base == 0 && joined[i].fresh != 0;
    out.stacks_vanished += joined[i].base != 0 && joined[i].fresh == 0;
    if (rise(joined[i]) != 0) moved.push_back(i);
  }
  const std::size_t count = std::min(most, moved.size());
  std::partial_sort(moved.begin(), moved.begin() + static_cast<std::ptrdiff_t>(count), moved.end(),
                    [&](std::uint32_t a, std::uint32_t b) {
                      const double of_a = std::abs(rise(joined[a]));
                      const double of_b = std::abs(rise(joined[b]));
                      return of_a != of_b ? of_a > of_b : a < b;
                    });
  for (std::size_t i = 0; i < count; ++i) {
    const JoinedStack& stack = joined[moved[i]];
    StackChange& change = out.stacks.emplace_back();
    change.base = out.base_scale * static_cast<double>(stack.base);
    change.fresh = out.fresh_scale * static_cast<double>(stack.fresh);
    for (std::uint32_t at = moved[i]; at != 0; at = joined[at].parent)
      change.functions.push_back(table[joined[at].function]);
    std::reverse(change.functions.begin(), change.functions.end());
  }
}

tl::unexpected<Error> empty(const NamedProfile& named, const ValueType& type) {
  return fail(ErrorKind::bad_input,
              fmt::format("{} holds no {}", printable(named.name), printable(type.type)),
              "an empty profile has nothing to compare: record longer, or another mode");
}

}  // namespace

std::string_view name_of(Normalization normalization) {
  switch (normalization) {
    case Normalization::none:
      return "none";
    case Normalization::samples:
      return "samples";
    case Normalization::work:
      return "work";
  }
  return "none";
}

Result<Difference> compare(const NamedProfile& base, const NamedProfile& fresh,
                           const CompareOptions& options) {
  SIGNALBOX_TRY(const SharedValue value, shared_value(base, fresh, options.value));
  const JoinedFunctions functions = join_functions(*base.profile, *fresh.profile);
  const std::size_t count = functions.table.size();
  const Costs of_base = measure_costs(*base.profile, value.base, functions.base, count);
  const Costs of_fresh = measure_costs(*fresh.profile, value.fresh, functions.fresh, count);
  if (of_base.total <= 0) return empty(base, value.type);
  if (of_fresh.total <= 0) return empty(fresh, value.type);
  Difference out;
  out.base_name = base.name;
  out.fresh_name = fresh.name;
  out.type = value.type;
  out.normalization = options.normalization;
  out.base_total = static_cast<double>(of_base.total);
  out.fresh_total = static_cast<double>(of_fresh.total);
  SIGNALBOX_CHECK(set_scales(base, fresh, options, out));
  const bool is_fixed = options.normalization == Normalization::samples;
  const Sides sides{of_base, of_fresh, out.base_scale * out.base_total, out.fresh_scale * out.fresh_total,
                    is_fixed ? Totals::fixed : Totals::measured};
  add_functions(functions.table, sides, out);
  const std::vector<JoinedStack> joined =
      join_stacks({base.profile, value.base, functions.base}, {fresh.profile, value.fresh, functions.fresh});
  add_stacks(functions.table, joined, options.stacks_max, out);
  return out;
}

}  // namespace signalbox::profile
