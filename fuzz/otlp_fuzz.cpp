// Any octets as profiles of OpenTelemetry: what is read is written and read again with the same sums.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/profile/formats/otlp.hpp"

using namespace signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto profile = read_otlp({reinterpret_cast<const char*>(data), size});
  if (!profile) return 0;
  const auto again = read_otlp(write_otlp(*profile));
  if (!again || again->value_types.size() != profile->value_types.size()) std::abort();
  return 0;
}
