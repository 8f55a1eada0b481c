// What freezes come to, for people and for programs. Pure.
#pragma once

#include <string>
#include <vector>

#include "core/gates/freeze_table.hpp"
#include "core/report/report.hpp"

namespace signalbox::train::schedule {

struct FreezeQuestion {
  Time at;
  std::string environment;  // empty: all of them
};

// Frozen or not, by whom, why and until when. The verdict is fail where it is frozen.
Report freeze_report(const FreezeQuestion& question, const gates::FreezeAnswer& answer);
Json to_json(const FreezeQuestion& question, const gates::FreezeAnswer& answer);

// Each freeze, with what it does now and when it comes next.
Result<Report> freezes_report(const std::vector<gates::Freeze>& freezes, Time now);

// Every time at which a freeze holds within a year of UTC, by start; those that reach into it are whole.
Result<Json> freezes_of_year(const std::vector<gates::Freeze>& freezes, int year);

Json to_json(const gates::FrozenSpan& span);

}  // namespace signalbox::train::schedule
