// Any octets as a pprof profile: what is read is written and read again with the same sums; it is merged and
// made ready for each receiver.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/profile/analysis/merge.hpp"
#include "instruments/profile/exchange/upload.hpp"
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
  Merge merge;
  if (!merge.add(*profile)) std::abort();
  (void)merge.add(*again);
  if (!std::move(merge).finish()) std::abort();
  const signalbox::Time now{std::chrono::seconds(1'800'000'000)};
  for (const Receiver receiver : {Receiver::pyroscope, Receiver::parca, Receiver::otlp}) {
    Destination destination;
    destination.receiver = receiver;
    destination.app = "app";
    if (!make_upload(*profile, destination, now, "pprof")) std::abort();
  }
  return 0;
}
