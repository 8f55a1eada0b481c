// The review of a train after its way has ended, blameless: what happened, what let it happen, what is to be
// done. Events of kind `review`.
#pragma once

#include <string>
#include <vector>

#include "instruments/train/after/action.hpp"
#include "instruments/train/after/passage.hpp"
#include "instruments/train/after/timeline.hpp"

namespace signalbox::train::after {

// What people write; the rest the log tells itself.
struct Review {
  std::string summary;  // never empty
  std::string impact;   // on those who use it; may be empty
  std::vector<std::string> causes, went_well, went_badly;
  std::vector<ActionItem> actions;
  std::string no_actions;  // why nothing is to be done; empty where there are actions
};

// Why it cannot be published; empty where it can.
std::string review_objection(const Review& review);

// train/review/v1: the words of people, and beside them what the log holds of the train at that moment.
Json review_predicate(const Review& review, const Passages& passages,
                      const std::vector<TimelineLine>& timeline);
// The words of people; bad_input naming the member that is missing or wrong.
Result<Review> read_review(const Json& predicate);

}  // namespace signalbox::train::after
