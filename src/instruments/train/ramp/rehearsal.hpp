// Going back, rehearsed: some traffic to a candidate and back again, in an environment of its own.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "instruments/train/ramp/driver.hpp"
#include "instruments/train/ramp/plan.hpp"

namespace signalbox::train::ramp {

struct DataCheck {
  std::string name;
  std::optional<std::string> failure;
};

struct RehearsalResult {
  std::string environment, driver, version, baseline, commit;
  Duration back_in{};  // from the order to go back to all traffic there
  Duration budget{};
  std::string failure;  // of the traffic; empty: it went and came back
  std::vector<DataCheck> data_checks;
  bool has_passed() const;
};

// Sends `order.weight` per cent to the candidate, looks, takes it back, looks again, checks the data. What
// went wrong is in the result; the way back is tried whatever happened before it.
RehearsalResult rehearse(Driver& driver, const StepOrder& order, const Plan& plan,
                         const std::function<std::vector<DataCheck>()>& check_data);

Json to_json(const RehearsalResult& result);  // train/rollback-rehearsal/v1

}  // namespace signalbox::train::ramp
