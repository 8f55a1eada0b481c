// Any octets as each of the JSON formats of profiles: refused, or a profile that can be written.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "instruments/profile/formats/format.hpp"

using namespace signalbox::profile;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  for (const ProfileFormat format : {ProfileFormat::speedscope, ProfileFormat::cpuprofile,
                                     ProfileFormat::chrome_trace, ProfileFormat::firefox}) {
    ReadOptions options;
    options.format = format;
    const auto profile = read_profile(octets, options);
    if (profile && !write_profile(*profile, ProfileFormat::speedscope)) std::abort();
    if (profile && !write_profile(*profile, ProfileFormat::firefox)) std::abort();
  }
  return 0;
}
