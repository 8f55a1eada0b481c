// Any octets as text of perf script: refused, or a profile that can be written.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/profile/formats/folded.hpp"
#include "instruments/profile/formats/perf_script.hpp"

using namespace signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  PerfScriptNotes notes;
  const auto profile = read_perf_script({reinterpret_cast<const char*>(data), size}, notes);
  if (!profile) return 0;
  if (profile->samples.empty()) std::abort();
  for (const Sample& sample : profile->samples) {
    if (sample.time_ns < -1 || sample.time_ns > profile->duration_ns) std::abort();
  }
  (void)write_folded(*profile);
  return 0;
}
