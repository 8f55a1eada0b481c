#include "instruments/profile/analysis/function_share.hpp"

#include <cstdint>
#include <string>

#include "instruments/profile/analysis/function_identity.hpp"

namespace signalbox::profile {

namespace {

constexpr IdentityId kNowhere = UINT32_MAX;

// The one of that name; else the one that the name of a clone of it stands for.
IdentityId identity_in(const IdentityTable& table, std::string_view function) {
  const std::string stable = stable_name(function, Naming::native);
  IdentityId out = kNowhere;
  for (IdentityId id = 0; id < table.size(); ++id) {
    if (table[id].name == function) return id;
    if (table[id].name == stable) out = id;
  }
  return out;
}

}  // namespace

FunctionShare share_of(const Profile& profile, std::size_t value, std::string_view function) {
  IdentityTable table(Modules::ignored);
  const FrameGroups groups = table.add(profile);
  const Costs costs = measure_costs(profile, value, groups, table.size());
  const IdentityId id = identity_in(table, function);
  const GroupCost cost = id == kNowhere ? GroupCost{} : costs.groups[id];
  return {estimate_share(costs, cost.self), estimate_share(costs, cost.cumulative)};
}

}  // namespace signalbox::profile
