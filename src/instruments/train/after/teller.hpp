// Tells a channel: the only code that carries a message out of the house.
#pragma once

#include <filesystem>
#include <string>

#include "instruments/train/after/message.hpp"
#include "instruments/train/ramp/drivers/drivers.hpp"

namespace signalbox::train::after {

// How it went. `why` is empty where the channel has it.
struct Outcome {
  std::string why;
  bool may_have_arrived = false;  // of a failure
  bool is_told() const { return why.empty(); }
};

struct TellerParts {
  std::filesystem::path workspace;  // below which files of channels lie
  ramp::RunProgram run;             // of the policy's configuration, once it is allowed here
  ramp::IsAllowed is_allowed;       // the same for channels that run nothing
};

// Each channel in its way, once; nothing here tries again, but for a connection that does not come about. No
// secret is in what it says.
Outcome tell(const TellerParts& parts, const Channel& channel, const Message& message);

}  // namespace signalbox::train::after
