// The stacks that a function's cost comes from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "instruments/profile/analysis/function_identity.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

struct HeavyStack {
  std::int64_t value = 0;
  std::vector<std::string> names;  // of functions, leaf first
};

// The `count` stacks with the function in them that have the largest values of a column, the largest first.
std::vector<HeavyStack> heaviest_stacks(const Profile& profile, std::size_t value,
                                        const FunctionIdentity& function, std::size_t count);

}  // namespace signalbox::profile
