// How two profiles are compared, and the picture of it.
#pragma once

#include <optional>
#include <string_view>

#include "instruments/profile/analysis/compare.hpp"
#include "instruments/profile/draw/flame_difference.hpp"
#include "instruments/profile/model/profile.hpp"
#include "instruments/profile/work_options.hpp"

namespace signalbox::profile {

// `wanted`: "work", "samples" or "none"; by default work where both sides tell it, in `work` or themselves.
// bad_input where work is wanted and not known, and for another word.
Result<CompareOptions> compare_options(std::optional<std::string_view> wanted, const Profile& base,
                                       const Profile& fresh, const WorkOptions& work);

// The same for a flame graph of the column `type`.
FlameDifferenceOptions flame_difference_options(const CompareOptions& options, const Profile& fresh,
                                                const ValueType& type);

}  // namespace signalbox::profile
