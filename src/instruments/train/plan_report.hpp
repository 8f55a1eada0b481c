// A plan as a Report.
#pragma once

#include <cstddef>

#include "core/report/report.hpp"
#include "instruments/train/notes.hpp"
#include "instruments/train/plan_reader.hpp"

namespace signalbox::train {

// `max_rows`: passengers drawn of a section, the rest as a count; `data` always holds all of them.
Report plan_report(const Plan& plan, std::size_t max_rows);
// Notes of what waits for departure: under the next version where there is one.
ReleaseNotes notes_of(const Plan& plan);
// Findings for what whoever decides must know.
std::vector<Finding> findings_of(const std::vector<Remark>& remarks);

}  // namespace signalbox::train
