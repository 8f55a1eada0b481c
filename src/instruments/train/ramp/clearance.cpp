#include "instruments/train/ramp/clearance.hpp"

#include <fmt/core.h>

#include "instruments/train/ramp/ramp_report.hpp"

namespace signalbox::train::ramp {

Status check_time(const std::string& train, Time departs, const Plan& plan, Time now) {
  if (departs - plan.baseline_before <= now) return {};
  return fail(ErrorKind::conflict,
              fmt::format("train {} departs at {}; its countdown begins {} before", train,
                          to_rfc3339(departs), to_text(plan.baseline_before)),
              fmt::format("come back then, or signalbox train move {} TIME --reason TEXT", train));
}

Status check_past(const Ramp& ramp) {
  if (ramp.phase == Phase::stuck) {
    return fail(ErrorKind::conflict,
                fmt::format("train {}: {}", ramp.train, standing_line(ramp, ramp.last_acted)),
                "signalbox train status " + ramp.train);
  }
  if (ramp.phase == Phase::departed) {
    return fail(ErrorKind::conflict,
                fmt::format("train {} has departed as {}", ramp.train, ramp.begun.version),
                "signalbox train rollback " + ramp.train + " takes it back");
  }
  return {};
}

Status check_traffic(const Observation& seen, const std::string& driver) {
  if (!seen.weight) {
    return fail(ErrorKind::unavailable, fmt::format("{} cannot tell where the traffic goes now", driver),
                "signalbox train traffic");
  }
  if (seen.weight == 0) return {};
  return fail(ErrorKind::conflict,
              fmt::format("{} % of the traffic is on a candidate already, says {}", *seen.weight, driver),
              "take it back first");
}

}  // namespace signalbox::train::ramp
