// A trial as a Report.
#pragma once

#include "core/report/report.hpp"
#include "instruments/train/judges/trial.hpp"

namespace signalbox::train::judges {

// Verdict pass, fail, or none where it is inconclusive.
Report trial_report(const Trial& trial, const std::string& title);

}  // namespace signalbox::train::judges
