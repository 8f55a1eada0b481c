// Files whose functions have no names in a profile: what was stripped, and where that matters.
#pragma once

#include <string>
#include <vector>

#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

struct UnnamedFile {
  std::string path;
  std::string build_id;
  double share = 0;  // of the default value: stacks with a frame of this file that has no name
};

// Those with a build id, the largest share first.
std::vector<UnnamedFile> unnamed_files(const Profile& profile);

}  // namespace signalbox::profile
