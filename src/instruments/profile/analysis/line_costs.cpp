#include "instruments/profile/analysis/line_costs.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "instruments/profile/analysis/function_identity.hpp"
#include "instruments/profile/analysis/line_groups.hpp"

namespace signalbox::profile {
namespace {

// Groups of the function as one: 0 is what measure_costs counts samples without a stack for, and others.
constexpr std::uint32_t kOfFunction = 1;

// The source files that the function's frames lie in, by the number of their name; without costs.
std::map<std::uint32_t, FileLines> files_of(const Profile& profile, const std::vector<IdentityId>& identities,
                                            IdentityId wanted) {
  std::map<std::uint32_t, FileLines> out;
  std::map<std::uint32_t, std::set<CodeFile>> code;
  for (FrameId id = 0; id < profile.frames.size(); ++id) {
    if (identities[id] != wanted) continue;
    const Frame& frame = profile.frames[id];
    const Function& function = profile.functions[frame.function];
    FileLines& file = out[function.file.value];
    file.file = profile.text(function.file);
    if (function.start_line > 0 && (file.start_line == 0 || function.start_line < file.start_line))
      file.start_line = function.start_line;
    const Mapping& mapping = profile.mappings[frame.mapping];
    if (frame.mapping != 0)
      code[function.file.value].insert(
          {std::string(profile.text(mapping.path)), std::string(profile.text(mapping.build_id))});
  }
  for (auto& [file, found] : code) out[file].code.assign(found.begin(), found.end());
  return out;
}

bool costs_nothing(const GroupCost& cost) {
  return cost.self.value == 0 && cost.cumulative.value == 0;
}

std::int64_t costliest_line(const FileLines& file) {
  std::int64_t out = 0;
  for (const LineCost& line : file.lines) out = std::max(out, line.cost.cumulative);
  return out;
}

}  // namespace

MeasuredCost measured_cost(const Costs& costs, const GroupCost& cost) {
  return {cost.self.value, cost.cumulative.value, estimate_share(costs, cost.self),
          estimate_share(costs, cost.cumulative)};
}

bool has_function(const Profile& profile, std::string_view function) {
  IdentityTable table(Modules::ignored);
  table.add(profile);
  const std::optional<IdentityId> wanted = table.named(function);
  return wanted && *wanted != kUnknownFunction;
}

std::optional<LineCosts> line_costs(const Profile& profile, std::size_t value, std::string_view function) {
  IdentityTable table(Modules::ignored);
  const std::vector<IdentityId> identities = table.add(profile);
  const std::optional<IdentityId> wanted = table.named(function);
  if (!wanted || *wanted == kUnknownFunction) return std::nullopt;
  FrameGroups as_one;
  for (const IdentityId identity : identities) as_one.push_back(identity == *wanted ? kOfFunction : 0);
  const Costs whole = measure_costs(profile, value, as_one, kOfFunction + 1);
  LineCosts out;
  out.function = table[*wanted].name;
  out.value = profile.value_types[value];
  out.total = whole.total;
  out.blocks = whole.blocks;
  out.whole = measured_cost(whole, whole.groups[kOfFunction]);

  std::map<std::uint32_t, FileLines> files = files_of(profile, identities, *wanted);
  const LineGroups by_line = group_by_line(profile, identities, wanted);
  const Costs lines = measure_costs(profile, value, by_line.of_frame, by_line.groups.size());
  for (std::size_t i = 1; i < by_line.groups.size(); ++i) {
    const GroupCost& cost = lines.groups[i];
    if (costs_nothing(cost)) continue;
    files[by_line.groups[i].file.value].lines.push_back({by_line.groups[i].line, measured_cost(lines, cost)});
  }
  for (auto& [number, file] : files) {
    std::sort(file.lines.begin(), file.lines.end(),
              [](const LineCost& a, const LineCost& b) { return a.line < b.line; });
    out.files.push_back(std::move(file));
  }
  std::stable_sort(out.files.begin(), out.files.end(), [](const FileLines& a, const FileLines& b) {
    return costliest_line(a) > costliest_line(b);
  });
  return out;
}

}  // namespace signalbox::profile
