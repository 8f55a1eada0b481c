// Conditions asked of the log, answered as one report: for the command and for the route.
#pragma once

#include <vector>

#include "core/gates/gate.hpp"
#include "core/report/report.hpp"

namespace signalbox::evidence_command {

enum class Explain { no, what_it_saw };

// One check a condition; fail where one does not hold.
Result<Report> check_report(const std::vector<gates::Gate>& gates, const gates::Situation& situation,
                            gates::Evaluator& evaluator, Explain explain);

}  // namespace signalbox::evidence_command
