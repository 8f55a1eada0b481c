// Any octets as a tick of a runbook's step: read, or refused; what was read is written as it was read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "instruments/train/after/tick.hpp"

namespace after = signalbox::train::after;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = signalbox::parse_json({reinterpret_cast<const char*>(data), size});
  const auto tick = json ? after::read_tick_event(*json) : signalbox::fail(json.error());
  if (!tick) return 0;
  const signalbox::Json written = after::to_json(*tick);
  const auto again = after::read_tick_event(written);
  if (!again || !(after::to_json(*again) == written)) std::abort();
  return 0;
}
