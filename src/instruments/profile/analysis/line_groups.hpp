// Frames of one line as one group.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "instruments/profile/analysis/function_costs.hpp"
#include "instruments/profile/analysis/function_identity.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// A line of a function in a source file.
struct LineGroup {
  IdentityId function = kUnknownFunction;
  StringId file;          // 0: unknown
  std::int32_t line = 0;  // 0: unknown
};

struct LineGroups {
  FrameGroups of_frame;
  std::vector<LineGroup> groups;  // by their numbers; 0 is what nobody knows, as measure_costs wants it
};

// `identities`: of the profile's frames. With `only` frames of other functions are in group 0.
LineGroups group_by_line(const Profile& profile, const std::vector<IdentityId>& identities,
                         std::optional<IdentityId> only = std::nullopt);

}  // namespace signalbox::profile
