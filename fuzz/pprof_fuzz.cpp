// Any octets as a pprof profile: what is read is written and read again with the same sums.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/profile/formats/pprof.hpp"

using namespace signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto profile = read_pprof({reinterpret_cast<const char*>(data), size});
  if (!profile) return 0;
  const auto again = read_pprof(write_pprof(*profile, {Compression::none, SampleTimes::kept}));
  if (!again || again->samples.size() != profile->samples.size()) std::abort();
  for (std::size_t i = 0; i < profile->value_types.size(); ++i) {
    if (profile->total(i) != again->total(i)) std::abort();
  }
  return 0;
}
