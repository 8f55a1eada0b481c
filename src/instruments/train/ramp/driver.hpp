// What moves the traffic. A driver does as it is told and says what is true; when and why is decided
// elsewhere.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace signalbox::train::ramp {

// One step, and the right to take it. The same step id on every try: a driver that took it does nothing.
struct StepOrder {
  std::string train;
  std::string attempt;      // of the train to depart or to go back: "41"
  std::string step;         // "41.3"
  std::uint64_t token = 0;  // of the lease: whoever saw a newer one refuses
  int weight = 0;           // per cent of the traffic to the candidate
  std::string candidate;    // version that departs, "v1.3.0"
  std::string baseline;     // version to go back to
  std::string commit;       // of the candidate
  // Its way back is an attempt of its own: the candidate had all traffic when it began.
  bool has_departed = false;
};

// What a driver says is true now.
struct Observation {
  std::optional<int> weight;           // per cent to the candidate; absent: it cannot tell
  std::string step;                    // that it took last, empty where it keeps none
  std::optional<std::uint64_t> token;  // newest that it saw
  bool promoted = false;               // all traffic for good
};

// Calls may block up to the driver's own time limit. Errors: conflict, another controller with a newer token
// acts, or the step contradicts what was done: what was promoted gets no other weight, what was reverted goes
// on no more. `revert` may follow whatever the same attempt did, a promotion too. denied, the configuration
// is not allowed here; all else: it did not work, or nobody knows, and may be tried again.
class Driver {
 public:
  virtual ~Driver() = default;
  virtual std::string_view name() const = 0;  // "nginx"
  virtual Result<Observation> observe(const StepOrder& order) = 0;
  virtual Status set_weight(const StepOrder& order) = 0;
  virtual Status promote(const StepOrder& order) = 0;
  virtual Status revert(const StepOrder& order) = 0;  // all traffic to the baseline
  // Whether there is something to go back to, as far as the driver knows before it is tried; changes nothing.
  virtual Status check_revert(const StepOrder&) { return {}; }
  // What a person does where `revert` keeps failing, a line each.
  virtual std::vector<std::string> manual_revert(const StepOrder& order) const = 0;
};

// "step 41.3 carries token 17, and 19 acts already": what a driver answers to a controller that lost its
// turn.
Error refused_token(const StepOrder& order, std::uint64_t newest);

}  // namespace signalbox::train::ramp
