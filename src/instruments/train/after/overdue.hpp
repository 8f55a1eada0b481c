// What was promised after earlier trains and is late: reviews that are not published, actions that are not
// done. Shown wherever the next departure is judged.
#pragma once

#include <string>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/train/after/aftermath.hpp"

namespace signalbox::train::after {

inline constexpr const char* kReviewsCheck = "reviews";

struct Overdue {
  std::string train;
  std::string action;  // its id; empty: the review itself
  std::string title;   // of the action
  std::string owner;   // of the action
  Time due;
};

// Those that are overdue now, the longest first.
std::vector<Overdue> overdue_of(const std::vector<Aftermath>& trains, const ReviewRules& rules, Time now);

// A warning each. `now`: how long it is late.
std::vector<Finding> findings_of(const std::vector<Overdue>& overdue, Time now);
// A row of a decision, red where something is overdue.
Check check_of(const std::vector<Overdue>& overdue, Time now);

}  // namespace signalbox::train::after
