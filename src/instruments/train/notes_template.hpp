// Notes in a form of one's own.
#pragma once

#include <string>

#include "core/base/json.hpp"
#include "core/base/result.hpp"

namespace signalbox::train {

// The template in `file`, filled with what `notes --format json` tells of one release; of a passenger
// `breaking_note` and `parts` are there even where they are empty.
Result<std::string> fill_template(const std::string& file, Json notes);

}  // namespace signalbox::train
