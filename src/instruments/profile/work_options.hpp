// How much work the programs did that were profiled: options of diff and check.
#pragma once

#include <optional>
#include <vector>

#include "core/cli/command.hpp"

namespace signalbox::profile {

// Units of work of each run; nullopt: not told here.
struct WorkOptions {
  std::optional<double> base;
  std::optional<double> fresh;
};

// --work is for both sides, --work-base and --work-new for one each; bad_input where both ways are taken.
Result<WorkOptions> work_options(const cli::Arguments& arguments);
std::vector<cli::Option> work_option_list();

}  // namespace signalbox::profile
