// What a profile is of, in one word.
#pragma once

#include <string>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// The name of the program it was taken of, as every receiver takes it; empty where it does not tell.
std::string profiled_app(const Profile& profile);

}  // namespace signalbox::profile
