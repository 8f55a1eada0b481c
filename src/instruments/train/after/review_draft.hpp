// A review as people write it: a YAML file, begun from what the log tells of the train.
#pragma once

#include <string>

#include "core/config/config.hpp"
#include "instruments/train/after/aftermath.hpp"

namespace signalbox::train::after {

// The file with a first summary and the timeline as comments. The train's way must have ended.
std::string draft_of(const Aftermath& train, const std::vector<TimelineLine>& timeline);

// The file as a review of `train`; actions get the numbers that come next. bad_input with file:line:column
// where it is about another train, a part is missing, or a due date has passed.
Result<Review> read_draft(const config::Node& file, const Aftermath& train, Time now);

}  // namespace signalbox::train::after
