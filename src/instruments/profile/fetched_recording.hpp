// `record --url`: a program gives its profile itself, over HTTP.
#pragma once

#include <vector>

#include "core/cli/command.hpp"

namespace signalbox::profile {

// --url and --header.
std::vector<cli::Option> fetching_options();
// Fetches, says of the profile where it is from, writes it as any recording is written.
Result<cli::Outcome> record_over_http(const cli::Arguments& arguments, cli::Context& context);

}  // namespace signalbox::profile
