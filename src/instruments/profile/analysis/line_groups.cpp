#include "instruments/profile/analysis/line_groups.hpp"

#include <map>
#include <tuple>

namespace signalbox::profile {

LineGroups group_by_line(const Profile& profile, const std::vector<IdentityId>& identities,
                         std::optional<IdentityId> only) {
  LineGroups out;
  out.groups.emplace_back();
  std::map<std::tuple<IdentityId, std::uint32_t, std::int32_t>, std::uint32_t> numbers;
  numbers[{kUnknownFunction, 0, 0}] = 0;
  for (FrameId id = 0; id < profile.frames.size(); ++id) {
    if (only && identities[id] != *only) {
      out.of_frame.push_back(0);
      continue;
    }
    const Frame& frame = profile.frames[id];
    const StringId file = profile.functions[frame.function].file;
    const auto [found, is_new] = numbers.try_emplace({identities[id], file.value, frame.line},
                                                     static_cast<std::uint32_t>(out.groups.size()));
    if (is_new) out.groups.push_back({identities[id], file, frame.line});
    out.of_frame.push_back(found->second);
  }
  return out;
}

}  // namespace signalbox::profile
