// Two profiles as one that readers of pprof draw as a difference.
#pragma once

#include "core/base/result.hpp"
#include "instruments/profile/analysis/comparable.hpp"

namespace signalbox::profile {

// The samples of the new profile, and those of the base with values below zero and the label
// pprof::base=true, as `go tool pprof -diff_base` makes it: it then shows shares of the base. The columns are
// those that both have, in the order of the base. `base_factor`: what values of the base are multiplied with
// to be comparable. bad_input as shared_value.
Result<Profile> signed_difference(const NamedProfile& base, const NamedProfile& fresh, double base_factor);

}  // namespace signalbox::profile
