// Deadlocks and waits of a log in a report.
#pragma once

#include "core/report/report.hpp"
#include "instruments/queries/logs/lock_log.hpp"

namespace signalbox::queries {

// Tables, a finding for each kind of deadlock (the same statements in the same circle), and `lock_deadlocks`
// and `lock_waits` in its data. Of nothing, nothing but the two empty lists.
void add_lock_events(const LockEvents& events, Report& report);

// Which statements stand in the circle, whoever began it: "a1 a2", the smallest of its turns.
std::string circle_of(const Deadlock& deadlock);

}  // namespace signalbox::queries
