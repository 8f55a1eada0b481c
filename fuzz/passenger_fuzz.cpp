// Any octets as a passenger's file, as the rules of boarding and as the registry of flags: read, or refused
// with the place.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/train/boarding/flags.hpp"
#include "instruments/train/boarding/passenger_request.hpp"
#include "instruments/train/boarding/rules.hpp"

namespace train = signalbox::train;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto node = signalbox::config::parse_yaml({reinterpret_cast<const char*>(data), size}, "f");
  if (!node) return 0;
  const auto request = train::parse_passenger(*node);
  if (!request && !request.error().message.starts_with("f:")) std::abort();
  if (request) {
    if (request->change.empty()) std::abort();
    for (const train::CheckItem item : train::check_items()) {
      const train::CheckAnswer& answer = request->checks[item];
      const bool says = answer.evidence || !answer.text.empty();
      if ((answer.state == train::CheckState::open) == says) std::abort();
    }
  }
  const auto rules = train::parse_boarding_rules(*node);
  if (!rules && !rules.error().message.starts_with("f:")) std::abort();
  const auto flags = train::parse_flags((*node)["flags"]);
  if (!flags && !flags.error().message.starts_with("f:")) std::abort();
  return 0;
}
