#include "instruments/profile/analysis/top.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "core/base/text.hpp"
#include "instruments/profile/analysis/line_groups.hpp"

namespace signalbox::profile {
namespace {

// What each row is of, and the row that each frame belongs to.
struct Rows {
  std::vector<TopRow> rows;
  FrameGroups of_frame;
};

Rows rows_by_function(const Profile& profile) {
  IdentityTable table(Modules::told_apart);
  Rows out;
  out.of_frame = table.add(profile);
  for (IdentityId id = 0; id < table.size(); ++id) {
    TopRow& row = out.rows.emplace_back();
    row.function = table[id];
  }
  return out;
}

Rows rows_by_line(const Profile& profile) {
  IdentityTable table(Modules::told_apart);
  LineGroups lines = group_by_line(profile, table.add(profile));
  Rows out;
  out.of_frame = std::move(lines.of_frame);
  for (const LineGroup& group : lines.groups) {
    TopRow& row = out.rows.emplace_back();
    row.function = table[group.function];
    row.file = profile.text(group.file);
    row.line = group.line;
  }
  return out;
}

void order_rows(Top& top) {
  const auto key = [&](const TopRow& row) {
    const std::int64_t self = row.self[top.value];
    const std::int64_t cumulative = row.cumulative[top.value];
    return top.order == TopOrder::self ? std::pair(self, cumulative) : std::pair(cumulative, self);
  };
  const auto is_before = [&](const TopRow& a, const TopRow& b) {
    if (key(a) != key(b)) return key(a) > key(b);
    return std::tie(a.function, a.file, a.line) < std::tie(b.function, b.file, b.line);
  };
  std::sort(top.rows.begin(), top.rows.end(), is_before);
}

}  // namespace

Result<std::size_t> value_column(const Profile& profile, const std::optional<std::string>& name) {
  if (!name) return profile.default_value;
  const std::size_t found = find_value(profile, *name);
  if (found < profile.value_types.size()) return found;
  std::vector<std::string> names;
  for (const ValueType& type : profile.value_types) names.push_back(type.type);
  return fail(ErrorKind::bad_input, fmt::format("the profile has no values `{}`", printable(*name)),
              fmt::format("it has {}", join(names, ", ")));
}

Top top(const Profile& profile, const TopOptions& options) {
  Top out;
  out.value_types = profile.value_types;
  out.value = options.value;
  out.by = options.by;
  out.order = options.order;
  out.duration_ns = profile.duration_ns;
  Rows rows = options.by == TopBy::line ? rows_by_line(profile) : rows_by_function(profile);
  out.rows = std::move(rows.rows);
  for (std::size_t value = 0; value < profile.value_types.size(); ++value) {
    const Costs costs = measure_costs(profile, value, rows.of_frame, out.rows.size());
    out.totals.push_back(costs.total);
    for (std::size_t i = 0; i < out.rows.size(); ++i) {
      const GroupCost& cost = costs.groups[i];
      out.rows[i].self.push_back(cost.self.value);
      out.rows[i].cumulative.push_back(cost.cumulative.value);
      if (value != options.value) continue;
      out.rows[i].self_share = estimate_share(costs, cost.self);
      out.rows[i].cumulative_share = estimate_share(costs, cost.cumulative);
    }
    if (value != options.value) continue;
    out.observations = costs.observations;
    out.blocks = costs.blocks;
  }
  std::erase_if(out.rows, [](const TopRow& row) {
    return std::all_of(row.cumulative.begin(), row.cumulative.end(), [](std::int64_t v) { return v == 0; });
  });
  order_rows(out);
  return out;
}

}  // namespace signalbox::profile
