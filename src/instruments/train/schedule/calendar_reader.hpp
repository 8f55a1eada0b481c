// Gathers what a calendar is made from: the work tree's own configuration, which is what is planned, and the
// trains of the log.
#pragma once

#include <string>

#include "core/config/workspace.hpp"
#include "core/evidence/ledger.hpp"
#include "instruments/train/schedule/release_calendar.hpp"

namespace signalbox::train::schedule {

struct CalendarQuery {
  std::string since, until;  // as `parse_time_text` reads them; empty: a year back, a year ahead
};
// `ledger`: nullptr where nothing was ever recorded: then there are no trains.
Result<ReleaseCalendar> read_calendar(const Workspace& workspace, const evidence::Ledger* ledger,
                                      const CalendarQuery& query, Time now);

}  // namespace signalbox::train::schedule
