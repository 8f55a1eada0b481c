// What is known of a measurement, as a picture of it tells.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

using FlameFacts = std::vector<std::pair<std::string, std::string>>;

// The annotations; "duration", "rate" and "samples" where no annotation tells them; then comments.
FlameFacts facts_of(const Profile& profile, std::int64_t samples);

}  // namespace signalbox::profile
