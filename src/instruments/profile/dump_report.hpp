// What `dump` says: a table for each thread, its frames leaf first as debuggers have them.
#pragma once

#include "core/report/report.hpp"
#include "instruments/profile/capture/stack_dump.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

// `profile` is the dump's recording with names: sample i of one is sample i of the other.
Report dump_report(const StackDump& dump, const Profile& profile);

}  // namespace signalbox::profile
