#include "instruments/profile/analysis/function_share.hpp"

#include <optional>

#include "instruments/profile/analysis/function_identity.hpp"

namespace signalbox::profile {

FunctionShare share_of(const Profile& profile, std::size_t value, std::string_view function) {
  IdentityTable table(Modules::ignored);
  const FrameGroups groups = table.add(profile);
  const Costs costs = measure_costs(profile, value, groups, table.size());
  const std::optional<IdentityId> id = table.named(function);
  const GroupCost cost = id ? costs.groups[*id] : GroupCost{};
  return {estimate_share(costs, cost.self), estimate_share(costs, cost.cumulative)};
}

}  // namespace signalbox::profile
