// What part of a profile one function has.
#pragma once

#include <string_view>

#include "instruments/profile/analysis/function_costs.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

struct FunctionShare {
  ShareEstimate self;
  ShareEstimate cumulative;  // with all that it called
};

// Of the column `value`. `function` is its name as `top` tells it, or that of a clone of it ("parse.cold");
// functions of that name in several files are counted as one, so that a library that moved leaves no gap. A
// function that is nowhere has a share of 0, with the interval of that.
FunctionShare share_of(const Profile& profile, std::size_t value, std::string_view function);

}  // namespace signalbox::profile
