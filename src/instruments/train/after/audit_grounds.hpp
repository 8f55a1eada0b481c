// What a decision rests on, held against what an auditor has: its policy, gates, approvals and exceptions.
// Pure.
#pragma once

#include <vector>

#include "core/report/report.hpp"
#include "instruments/train/after/exhibits.hpp"

namespace signalbox::train::after {

// `decision` is one of the exhibits, of a trusted key. `now`: whether the audit of an exception is late.
std::vector<Check> ask_grounds(const Exhibits& exhibits, const Exhibit& decision, Time now);

}  // namespace signalbox::train::after
