// What a program waits for: where in its own code, what it waits in there, and who ends the wait.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/report/report.hpp"
#include "instruments/profile/analysis/function_identity.hpp"
#include "instruments/profile/model/profile.hpp"

namespace signalbox::profile {

struct WaitsOfPlace {
  FunctionIdentity function;  // the innermost that is neither the kernel's nor the C library's
  std::string in;             // "futex_do_wait", "[waits for a processor]", "bit_wait_io [uninterruptible]"
  std::string woken_by;       // "worker: let_go", a thread and its function, or "[interrupt]"; empty: unknown
  std::int64_t waited_ns = 0;
  std::int64_t count = 0;
};

// The longest first; none where the profile has no column "offcpu".
std::vector<WaitsOfPlace> waits_of(const Profile& profile);

// Puts them before the other tables, `rows_max` of them, and all of them into `data` as "waits". A report of
// `value` that tells of no waits stays as it is.
void add_waits(Report& report, const Profile& profile, std::size_t value, std::size_t rows_max);

}  // namespace signalbox::profile
