#include "instruments/profile/analysis/line_costs.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "instruments/profile/analysis/function_identity.hpp"

namespace signalbox::profile {
namespace {

// Groups of frames: 0 is what measure_costs counts samples without a stack for.
constexpr std::uint32_t kOthers = 1;
constexpr std::uint32_t kFirstOfFunction = 2;

MeasuredCost measured(const Costs& costs, const GroupCost& cost) {
  return {cost.self.value, cost.cumulative.value, estimate_share(costs, cost.self),
          estimate_share(costs, cost.cumulative)};
}

// The function's frames by file and line.
struct Places {
  FrameGroups whole;  // of the function as one
  FrameGroups by_line;
  std::vector<std::pair<StringId, std::int32_t>> lines;  // of each group from kFirstOfFunction on
  std::map<std::uint32_t, FileLines> files;              // by the number of their name
};

Places places_of(const Profile& profile, const std::vector<IdentityId>& identities, IdentityId wanted) {
  Places out;
  out.whole.assign(profile.frames.size(), kOthers);
  out.by_line.assign(profile.frames.size(), kOthers);
  std::map<std::pair<std::uint32_t, std::int32_t>, std::uint32_t> groups;
  std::map<std::uint32_t, std::set<CodeFile>> code;
  for (FrameId id = 0; id < profile.frames.size(); ++id) {
    if (identities[id] != wanted) continue;
    const Frame& frame = profile.frames[id];
    const Function& function = profile.functions[frame.function];
    const auto next = static_cast<std::uint32_t>(kFirstOfFunction + out.lines.size());
    const auto [group, is_new] = groups.try_emplace({function.file.value, frame.line}, next);
    if (is_new) out.lines.emplace_back(function.file, frame.line);
    out.whole[id] = kFirstOfFunction;
    out.by_line[id] = group->second;
    FileLines& file = out.files[function.file.value];
    file.file = profile.text(function.file);
    if (function.start_line > 0 && (file.start_line == 0 || function.start_line < file.start_line))
      file.start_line = function.start_line;
    const Mapping& mapping = profile.mappings[frame.mapping];
    if (frame.mapping != 0)
      code[function.file.value].insert(
          {std::string(profile.text(mapping.path)), std::string(profile.text(mapping.build_id))});
  }
  for (auto& [file, found] : code) out.files[file].code.assign(found.begin(), found.end());
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
  Places places = places_of(profile, identities, *wanted);

  const Costs whole = measure_costs(profile, value, places.whole, kFirstOfFunction + 1);
  LineCosts out;
  out.function = table[*wanted].name;
  out.value = profile.value_types[value];
  out.total = whole.total;
  out.blocks = whole.blocks;
  out.whole = measured(whole, whole.groups[kFirstOfFunction]);

  const Costs lines = measure_costs(profile, value, places.by_line, kFirstOfFunction + places.lines.size());
  for (std::size_t i = 0; i < places.lines.size(); ++i) {
    const GroupCost& cost = lines.groups[kFirstOfFunction + i];
    if (costs_nothing(cost)) continue;
    const auto& [file, line] = places.lines[i];
    places.files[file.value].lines.push_back({line, measured(lines, cost)});
  }
  for (auto& [number, file] : places.files) {
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
