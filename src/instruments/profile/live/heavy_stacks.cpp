#include "instruments/profile/live/heavy_stacks.hpp"

#include <algorithm>
#include <map>

namespace signalbox::profile {

std::vector<HeavyStack> heaviest_stacks(const Profile& profile, std::size_t value,
                                        const FunctionIdentity& function, std::size_t count) {
  IdentityTable identities(Modules::told_apart);
  const std::vector<IdentityId> of_frame = identities.add(profile);
  // A stack has it where its last frame is it, or its parent has it; parents come first.
  std::vector<bool> has(profile.stacks.size(), false);
  for (StackId id = 1; id < profile.stacks.size(); ++id)
    has[id] = has[profile.stacks[id].parent] || identities[of_frame[profile.stacks[id].frame]] == function;
  std::map<StackId, std::int64_t> values;
  for (std::size_t i = 0; i < profile.samples.size(); ++i) {
    const StackId stack = profile.samples[i].stack;
    if (stack < has.size() && has[stack]) values[stack] += profile.values_of(i)[value];
  }
  std::vector<std::pair<std::int64_t, StackId>> order;
  for (const auto& [stack, sum] : values) order.emplace_back(-sum, stack);
  std::sort(order.begin(), order.end());
  std::vector<HeavyStack> out;
  for (std::size_t i = 0; i < std::min(count, order.size()); ++i) {
    HeavyStack& heavy = out.emplace_back();
    heavy.value = -order[i].first;
    for (StackId at = order[i].second; at != 0; at = profile.stacks[at].parent)
      heavy.names.push_back(profile.name_of_frame(profile.stacks[at].frame));
  }
  return out;
}

}  // namespace signalbox::profile
