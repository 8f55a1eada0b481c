// What `train check --explain` and `train score` add to a decision's report.
#pragma once

#include <vector>

#include "instruments/train/gating/freshness.hpp"
#include "instruments/train/gating/way_to_go.hpp"

namespace signalbox::train {

// Tables: the shortest way to GO, what the score lacks, what will not last, whose gates they are. Member
// "explain" of the data.
void add_explanation(Report& report, const Decision& decision, const WayToGo& way,
                     const std::vector<Expiry>& race);

Report score_report(const Decision& decision, const WayToGo& way);

}  // namespace signalbox::train
