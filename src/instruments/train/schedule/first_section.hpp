// The first section `train` of a repository, with comments. Pure.
#pragma once

#include <string>
#include <string_view>

#include "instruments/train/schedule/survey.hpp"

namespace signalbox::train::schedule {

// YAML, from `train:` on. What is not behind `#` is the default, or was seen in the repository; what is, says
// what to write there, with what was seen filled in.
std::string first_section(const Survey& survey, std::string_view cadence);

}  // namespace signalbox::train::schedule
