// --probe, --event and --every: from where a place is come by, or an event happens, instead of where time
// goes.
#pragma once

#include <vector>

#include "core/cli/command.hpp"
#include "instruments/profile/capture/session.hpp"

namespace signalbox::profile {

std::vector<cli::Option> probe_options();

// What they say, where they are given: then the request is of Mode::hits. bad_input where the probe is none,
// and beside options that are of time.
Status take_probe(const cli::Arguments& arguments, RecordRequest& request);

}  // namespace signalbox::profile
