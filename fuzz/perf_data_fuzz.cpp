// Files of `perf record`: whatever they hold, nothing outside of them is read, and what comes is a profile.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "instruments/profile/formats/perf_data.hpp"

using namespace signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> notes;
  const auto profile =
      read_perf_data({reinterpret_cast<const char*>(data), size}, std::size_t{1} << 24, notes);
  if (!profile) return 0;
  for (const Sample& sample : profile->samples) {
    if (sample.stack >= profile->stacks.size()) __builtin_trap();
  }
  return 0;
}
