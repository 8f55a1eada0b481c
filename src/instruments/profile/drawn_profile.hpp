// A profile as the octets of a file: a picture, or a profile in another format.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/cli/command.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

inline constexpr std::string_view kFlamegraph = "flamegraph";  // one SVG file
inline constexpr std::string_view kPage = "html";              // one HTML file

// "text", "json" and "md", which are reports, then what `drawn` takes.
std::vector<std::string> drawn_formats();

// What the command writes: --format, or where none was named what the ending of -o says, else a report's.
// bad_input where both are named and disagree.
Result<std::string> artifact_format(const cli::Arguments& arguments);

// `format` is one of drawn_formats that is no report.
Result<std::string> drawn(const Profile& profile, const std::string& format, std::size_t value,
                          const cli::Arguments& arguments);

// What folded stacks tell beside names: --pids --tids --mark-kernel --mark-jit --addrs --all.
std::vector<cli::Option> folded_options();

}  // namespace signalbox::profile
