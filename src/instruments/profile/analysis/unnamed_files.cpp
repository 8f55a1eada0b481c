#include "instruments/profile/analysis/unnamed_files.hpp"

#include <algorithm>
#include <unordered_map>

#include "instruments/profile/model/saturate.hpp"

namespace signalbox::profile {

std::vector<UnnamedFile> unnamed_files(const Profile& profile) {
  const std::int64_t total = profile.value_types.empty() ? 0 : profile.total(profile.default_value);
  if (total <= 0) return {};
  std::vector<std::int64_t> own(profile.stacks.size());
  for (std::size_t i = 0; i < profile.samples.size(); ++i)
    own[profile.samples[i].stack] =
        saturating_sum(own[profile.samples[i].stack], profile.values_of(i)[profile.default_value]);
  std::unordered_map<MappingId, std::int64_t> sums;
  std::vector<MappingId> seen;
  for (StackId stack = 1; stack < profile.stacks.size(); ++stack) {
    if (own[stack] == 0) continue;
    seen.clear();
    for (StackId at = stack; at != 0; at = profile.stacks[at].parent) {
      const Frame& frame = profile.frames[profile.stacks[at].frame];
      if (frame.kind != FrameKind::user || frame.function != 0 ||
          profile.text(profile.mappings[frame.mapping].build_id).empty())
        continue;
      if (std::find(seen.begin(), seen.end(), frame.mapping) == seen.end()) seen.push_back(frame.mapping);
    }
    for (const MappingId mapping : seen) sums[mapping] = saturating_sum(sums[mapping], own[stack]);
  }
  std::vector<UnnamedFile> out;
  for (const auto& [id, sum] : sums) {
    const Mapping& mapping = profile.mappings[id];
    out.push_back({std::string(profile.text(mapping.path)), std::string(profile.text(mapping.build_id)),
                   static_cast<double>(sum) / static_cast<double>(total)});
  }
  std::sort(out.begin(), out.end(), [](const UnnamedFile& a, const UnnamedFile& b) {
    return a.share != b.share ? a.share > b.share : a.path < b.path;
  });
  return out;
}

}  // namespace signalbox::profile
