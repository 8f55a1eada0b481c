// Profiles given to the store that --store names: here, or a server's.
#pragma once

#include <string>
#include <string_view>

#include "core/cli/command.hpp"
#include "instruments/profile/kept/kept_profile.hpp"

namespace signalbox::profile {

struct KeptThere {
  std::string id;
  std::string service;
  bool was_there = false;
};

// Durable when it returns. Errors as those of the store; of a server: denied where its token is missing or
// refused, bad_input where it refuses the profile, unavailable where it is not reached.
Result<KeptThere> keep_profile(std::string_view octets, const ImportedProfile& imported, const Giving& giving,
                               const cli::Context& context);

}  // namespace signalbox::profile
