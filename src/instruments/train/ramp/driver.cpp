#include "instruments/train/ramp/driver.hpp"

#include <fmt/core.h>

namespace signalbox::train::ramp {

Error refused_token(const StepOrder& order, std::uint64_t newest) {
  return {ErrorKind::conflict,
          fmt::format("step {} carries token {}, and {} acts already", order.step, order.token, newest),
          "signalbox train status " + order.train};
}

}  // namespace signalbox::train::ramp
