// Which trains are reviewed, and until when: `reviews` of section `train`.
#pragma once

#include "core/base/clock.hpp"
#include "core/config/config.hpp"

namespace signalbox::train::after {

struct ReviewRules {
  enum class Of { taken_back, every_train } of = Of::taken_back;
  Duration due_after = std::chrono::hours(24 * 7);  // the way's end
  // What an overdue review or action does to the next departure.
  enum class Overdue { warn, block } overdue = Overdue::warn;
};

// bad_input with file:line:column. An absent section is the default.
Result<ReviewRules> parse_review_rules(const config::Node& reviews);

}  // namespace signalbox::train::after
