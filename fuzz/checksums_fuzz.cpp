// Checksum files: whatever the octets, each digest that is read has 64 digits of lower case.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/gates/artifact.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto sums = signalbox::gates::read_checksums({reinterpret_cast<const char*>(data), size});
  if (!sums) return 0;
  for (const auto& [name, digest] : *sums) {
    if (name.empty() || digest.size() != 64 ||
        digest.find_first_not_of("0123456789abcdef") != std::string::npos)
      std::abort();
  }
  return 0;
}
