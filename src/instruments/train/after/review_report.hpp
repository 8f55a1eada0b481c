// Reviews and their actions as people and programs read them.
#pragma once

#include <vector>

#include "core/report/report.hpp"
#include "instruments/train/after/aftermath.hpp"

namespace signalbox::train::after {

// How a train went, its review, its actions. Verdict: warn where something is overdue, pass where it is
// reviewed and nothing is open, none otherwise.
Report review_report(const Aftermath& train, const std::vector<TimelineLine>& timeline,
                     const ReviewRules& rules, Time now);

// Every train that was or is to be reviewed, the newest first.
Report reviews_report(const std::vector<Aftermath>& trains, const ReviewRules& rules, Time now);

// Which actions are listed.
enum class Shown { open, overdue, all };
// Of all trains, those due first at the top. Verdict: warn where one is overdue.
Report actions_report(const std::vector<Aftermath>& trains, Shown shown, Time now);

}  // namespace signalbox::train::after
