// Profiles for tests of the formats. Used by tests alone.
#pragma once

#include <string>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// Two columns, a program and a library, kernel, inlined, interpreted and synthetic frames, two threads,
// labels, annotations. Three samples without a time and one at 2 ms.
Profile testing_profile();

// Everything that a profile says, whatever its tables' order: a line for each fact and sample, sorted.
std::string words_of(const Profile& profile);

}  // namespace signalbox::profile
