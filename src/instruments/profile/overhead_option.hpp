// --max-overhead: what profiling may cost, the same in every command that has it.
#pragma once

#include <string_view>

#include "core/base/result.hpp"

namespace signalbox::profile {

// A share above 0 and at most 1, from per cent: "2%" and "2" are 0.02. bad_input names the option.
Result<double> overhead_share(std::string_view text);

}  // namespace signalbox::profile
